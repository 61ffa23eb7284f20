using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Tensors;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo infer OWNER/NAME --input NAME=VALUE</c></summary>
internal static class Infer
{
    private const int MostElements = 16;

    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The model" };
    private static readonly Option<string[]> Input = new("--input")
    {
        Description = "NAME=FILE.pb, NAME=FILE.npy, NAME=FILE.json or NAME=JSON; one for each input",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<string?> Revision = new("--revision") { Description = "Id, branch or tag; main when absent" };
    private static readonly Option<string?> Output = new("--output") { Description = "A folder: each output goes there as NAME.npy" };

    public static Command Create(Surroundings surroundings) =>
        new Command("infer", "Run a model on the zoo's machine, over the Open Inference Protocol") { Repository, Input, Revision, Output }
            .Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var repository = RepositoryName.Parse(invocation.Value(Repository));
        var version = invocation.Value(Revision);
        var time = invocation.Surroundings.Time;

        Task<T> FreshlyAsync<T>(Func<CancellationToken, Task<T>> work) =>
            Freshly.ReadAsync(zoo, repository, invocation.Say, time, work, ct);

        var inputs = new List<Tensor>();
        foreach (var given in invocation.Value(Input))
        {
            inputs.Add(await InputTensor.ReadAsync(given, async name =>
            {
                var model = await FreshlyAsync(ct => zoo.Inference.DescribeAsync(repository, version, ct));
                return model.Inputs.FirstOrDefault(i => i.Name == name)?.Datatype;
            }, ct));
        }
        var answer = await FreshlyAsync(ct => zoo.Inference.InferAsync(repository, version, inputs, ct));

        if (invocation.Value(Output) is { } folder)
        {
            await KeepAsync(answer.Outputs, folder, invocation, ct);
        }
        if (invocation.Json)
        {
            invocation.Answer(answer.ToJson(), _ => { });
            return;
        }
        invocation.Answer(answer, output =>
        {
            foreach (var tensor in answer.Outputs)
            {
                output.WriteLine(Describe(tensor));
            }
        });
    }

    private static async Task KeepAsync(IReadOnlyList<Tensor> outputs, string folder, Invocation invocation, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        foreach (var tensor in outputs)
        {
            // An output's name is the model's word, not a path.
            var name = string.Concat(tensor.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');
            var path = Path.Combine(folder, $"{name}.npy");
            await File.WriteAllBytesAsync(path, NpyFile.Write(tensor), ct);
            invocation.Say($"wrote {path}");
        }
    }

    /// <summary><c>logits FP32[1,10]: -3.2 0.5 ...</c></summary>
    internal static string Describe(Tensor tensor)
    {
        var shown = (int)Math.Min(tensor.Length, MostElements);
        var elements = tensor.Type == ElementType.String
            ? tensor.Strings.Take(shown).Select(s => Table.Printable(System.Text.Encoding.UTF8.GetString(s)))
            : Enumerable.Range(0, shown).Select(i => tensor.At(i).ToString("G6", System.Globalization.CultureInfo.InvariantCulture));
        var more = tensor.Length > shown ? $" ... {Amounts.Count(tensor.Length - shown)} more" : "";
        return $"{Table.Printable(tensor.Name)} {tensor.Type.OpenInferenceName()}[{string.Join(',', tensor.Shape)}]: {string.Join(' ', elements)}{more}";
    }
}
