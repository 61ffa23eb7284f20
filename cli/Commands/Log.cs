using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo log OWNER/NAME</c></summary>
internal static class Log
{
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Option<string> Revision = new("--revision") { Description = "Where to begin: id, number, branch, tag or alias", DefaultValueFactory = _ => "main" };
    private static readonly Option<int> Limit = new("--limit", "-n") { Description = "At most so many", DefaultValueFactory = _ => 20 };

    public static Command Create(Surroundings surroundings) =>
        new Command("log", "List a repository's revisions, newest first") { Repository, Revision, Limit }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var revisions = await zoo.Revisions.ListAsync(
            RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Revision), Math.Max(1, invocation.Value(Limit)), ct);
        invocation.AnswerTable(
            revisions, ["NO", "REVISION", "WHEN", "FILES", "SIZE", "BY", "MESSAGE"],
            revisions.Select(r => new[]
            {
                Amounts.Count(r.Number), r.Id, Amounts.Day(r.CreatedAt), Amounts.Count(r.FileCount), Amounts.Bytes(r.SizeBytes), r.Author, r.Message.TrimEnd(),
            }),
            "no revisions");
    }
}
