using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo diff OWNER/NAME [FROM [TO]]</c></summary>
internal static class Diff
{
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Argument<string?> From = new("FROM")
    {
        Description = "Id, number, branch, tag or alias; the parent of TO when absent",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Argument<string?> To = new("TO") { Description = "Id, number, branch, tag or alias; main when absent", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create(Surroundings surroundings) =>
        new Command("diff", "List the files that differ between two revisions") { Repository, From, To }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var (from, to, files) = await zoo.Revisions.DiffAsync(
            RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(From), invocation.Value(To) ?? "main", ct);
        invocation.AnswerTable(
            new { From = from, To = to, Items = files }, ["", "WAS", "IS", "PATH"],
            files.Select(f => new[] { f.Kind, Size(f.OldSizeBytes), Size(f.NewSizeBytes), f.OldPath is null ? f.Path : $"{f.OldPath} -> {f.Path}" }), "no differences");
    }

    private static string Size(long? bytes) => bytes is { } known ? Amounts.Bytes(known) : "-";
}
