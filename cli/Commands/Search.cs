using System.CommandLine;
using System.Globalization;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo search QUERY</c></summary>
internal static class Search
{
    private static readonly Argument<string[]> Words = new("QUERY") { Description = "What to look for; typing errors are forgiven", Arity = ArgumentArity.ZeroOrMore };

    // An option a filter, each named like the parameter it becomes.
    private static readonly Option<string[]>[] Filters =
    [
        Filter("task", "image-classification, ..."), Filter("domain", "cv, nlp, ..."), Filter("framework", "pytorch, ..."),
        Filter("format", "onnx, gguf, ..."), Filter("license", "apache-2.0, ..."), Filter("tag", "a tag"), Filter("owner", "a user or organisation"),
    ];
    private static readonly Option<string?> Sort = new("--sort") { Description = "relevance, updated, created, name, size, parameters or latency" };
    private static readonly Option<int> Page = new("--page") { Description = "Which page, from 1", DefaultValueFactory = _ => 1 };

    public static Command Create(Surroundings surroundings)
    {
        var command = new Command("search", "Find models") { Words };
        foreach (var filter in Filters)
        {
            command.Add(filter);
        }
        command.Add(Sort);
        command.Add(Page);
        return command.Does(surroundings, RunAsync);
    }

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var parameters = Filters.SelectMany(f => (invocation.Value(f) ?? []).Select(v => (f.Name[2..], (string?)v)))
            .Append(("sort", invocation.Value(Sort)))
            .Append(("page", invocation.Value(Page) is > 1 and var page ? page.ToString(CultureInfo.InvariantCulture) : null));
        var answer = await zoo.Search.FindAsync(string.Join(' ', invocation.Value(Words)), parameters, ct);
        invocation.Answer(answer, output => Tell(output, answer));
    }

    private static void Tell(TextWriter output, SearchAnswer answer)
    {
        Table.Write(
            output, ["MODEL", "TASK", "FORMATS", "SIZE", "LICENCE", "TITLE"],
            answer.Hits.Select(h => new[]
            {
                $"{h.Owner}/{h.Name}", h.Task ?? "-", string.Join(' ', h.Formats), Amounts.Bytes(h.SizeBytes), h.License ?? "-", h.Title,
            }),
            "nothing found that you may see");
        var last = ((answer.Page - 1) * answer.PageSize) + answer.Hits.Count;
        if (answer.Total > last)
        {
            output.WriteLine($"{Amounts.Count(last)} of {Amounts.Count(answer.Total)}; --page {answer.Page + 1} shows more");
        }
    }

    private static Option<string[]> Filter(string name, string examples) => new($"--{name}")
    {
        Description = $"Only this {name} ({examples}); given again: this one too",
    };
}
