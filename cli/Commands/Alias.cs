using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo alias set | list | delete | history</c></summary>
internal static class Alias
{
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Argument<string> Name = new("ALIAS") { Description = "A name that moves, such as prod or champion" };
    private static readonly Option<string> Revision = new("--revision") { Description = "Where it shall point: id, number, branch or tag", DefaultValueFactory = _ => "main" };
    private static readonly Option<string?> Message = new("--message", "-m") { Description = "Why" };

    public static Command Create(Surroundings surroundings) =>
        new("alias", "Names that move from revision to revision, and where they stood")
        {
            new Command("set", "Set an alias, or move it") { Repository, Name, Revision, Message }.Does(surroundings, SetAsync),
            new Command("list", "List a repository's aliases") { Repository }.Does(surroundings, ListAsync),
            new Command("delete", "Take an alias away; its history stays") { Repository, Name }.Does(surroundings, DeleteAsync),
            new Command("history", "Say who moved it when, from where to where") { Repository, Name }.Does(surroundings, HistoryAsync),
        };

    private static async Task SetAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var (repository, alias) = (RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Name));
        // From where it is now: who moves it meanwhile wins, and this is refused.
        var there = await zoo.Refs.FindAliasAsync(repository, alias, ct);
        var set = await zoo.Refs.SetAsync(repository, "aliases", alias, new SetRef(invocation.Value(Revision), there?.Revision, invocation.Value(Message)), ct);
        invocation.Answer(set, output => output.WriteLine(there is null ? $"{set.Name} is {set.Revision}" : $"{set.Name} moved from {there.Revision} to {set.Revision}"));
    }

    private static async Task ListAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var aliases = await zoo.Refs.ListAsync(RepositoryName.Parse(invocation.Value(Repository)), "aliases", ct);
        invocation.AnswerTable(aliases, ["ALIAS", "REVISION", "MOVED", "MESSAGE"],
            aliases.Select(a => new[] { a.Name, a.Revision, Amounts.Day(a.UpdatedAt), a.Message ?? "" }), "no aliases");
    }

    private static async Task DeleteAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var (repository, alias) = (RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Name));
        await zoo.Refs.DeleteAsync(repository, "aliases", alias, ct);
        invocation.Answer(new { Repository = repository.ToString(), Alias = alias, Deleted = true }, output => output.WriteLine($"deleted the alias {alias}"));
    }

    private static async Task HistoryAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var moves = await zoo.Refs.HistoryAsync(RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Name), ct);
        invocation.AnswerTable(moves, ["WHEN", "BY", "FROM", "TO", "MESSAGE"],
            moves.Select(m => new[] { Amounts.Day(m.MovedAt), m.MovedBy, m.From ?? "-", m.To ?? "-", m.Message ?? "" }), "no moves");
    }
}
