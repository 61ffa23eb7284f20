using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo show OWNER/NAME</c></summary>
internal static class Show
{
    private const int NewestRuns = 5;

    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The model" };

    public static Command Create(Surroundings surroundings) =>
        new Command("show", "Show a model: card, files, inspection, findings, runs") { Repository }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var name = RepositoryName.Parse(invocation.Value(Repository));
        var model = await Freshly.ModelAsync(zoo, name, invocation.Say, invocation.Surroundings.Time, ct);
        var runs = await zoo.Runs.NewestAsync(name, NewestRuns, ct);
        invocation.Answer(new Shown(model, runs), output => Tell(output, model, runs));
    }

    private static void Tell(TextWriter output, ModelView model, IReadOnlyList<RunView> runs)
    {
        output.WriteLine($"{model.Owner}/{model.Name}  {Table.Printable(model.Title)}");
        Line(output, "summary", model.Summary);
        Line(output, "visibility", model.Visibility.ToString().ToLowerInvariant());
        Line(output, "revision", model.Revision is null ? "none: the repository is empty" : model.Revision + (model.Inspecting ? " (a newer one is being read)" : ""));
        Line(output, "stub", model.Stub);
        Line(output, "task", model.Task);
        Line(output, "domain", model.Domain);
        Line(output, "frameworks", string.Join(", ", model.Frameworks));
        Line(output, "formats", string.Join(", ", model.Formats));
        Line(output, "licence", model.License);
        Line(output, "tags", string.Join(", ", model.Tags));
        Line(output, "parameters", model.Parameters is { } parameters ? Amounts.Count(parameters) : null);
        Line(output, "size", Amounts.Bytes(model.SizeBytes));
        foreach (var edge in model.Lineage)
        {
            Line(output, "derived from", $"{edge.Base} ({edge.Relation})");
        }

        Section(output, "files");
        Table.Write(
            output, ["SIZE", "FORMAT", "ONNX RUNTIME", "PATH"],
            model.Files.Select(f => new[]
            {
                Amounts.Bytes(f.SizeBytes), f.Format ?? "-", f.Fit switch { true => "fit", false => "unfit", null => "-" }, f.Path,
            }),
            "none");
        foreach (var file in model.Files.Where(f => f.Inspection is not null))
        {
            Section(output, $"inspection of {Table.Printable(file.Path)}");
            ShownInspection.Write(output, file.Inspection!);
        }
        if (model.Findings.Count > 0)
        {
            Section(output, "findings");
            Table.Write(
                output, ["SEVERITY", "KIND", "FILE", "WHAT"],
                model.Findings.Select(f => new[] { f.Severity, f.Kind, f.Path ?? "-", f.Message }), "none");
        }
        Section(output, "runs");
        Table.Write(output, ShownRun.Headings, runs.Select(ShownRun.Row), "none; ./zoo bench measures it");
        if (model.Card is { } card)
        {
            Section(output, "card");
            foreach (var line in card.Markdown.Trim().Split('\n'))
            {
                output.WriteLine(Table.Printable(line));
            }
        }
    }

    internal static void Line(TextWriter output, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            output.WriteLine($"  {name,-12}  {Table.Printable(value)}");
        }
    }

    private static void Section(TextWriter output, string name)
    {
        output.WriteLine();
        output.WriteLine(name);
    }

    private sealed record Shown(ModelView Model, IReadOnlyList<RunView> Runs);
}
