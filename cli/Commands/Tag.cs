using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo tag OWNER/NAME [TAG] [--revision R] [-m TEXT] [--delete] [--list]</c></summary>
internal static class Tag
{
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Argument<string?> Name = new("TAG") { Description = "The tag; all are listed when absent", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Revision = new("--revision") { Description = "What it names: id, number, branch or alias", DefaultValueFactory = _ => "main" };
    private static readonly Option<string?> Message = new("--message", "-m") { Description = "Why" };
    private static readonly Option<bool> Delete = new("--delete") { Description = "Take the tag away" };
    private static readonly Option<bool> List = new("--list") { Description = "List all tags" };

    public static Command Create(Surroundings surroundings) =>
        new Command("tag", "Name a revision for good, or list such names") { Repository, Name, Revision, Message, Delete, List }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        var repository = RepositoryName.Parse(invocation.Value(Repository));
        var tag = invocation.Value(Name);
        if (tag is null && invocation.Value(Delete))
        {
            throw new WrongUsage("--delete needs the tag", $"./zoo tag {repository} TAG --delete");
        }
        using var zoo = invocation.Connect();
        if (tag is null || invocation.Value(List))
        {
            var tags = await zoo.Refs.ListAsync(repository, "tags", ct);
            invocation.AnswerTable(tags, ["TAG", "REVISION", "SET", "MESSAGE"],
                tags.Select(t => new[] { t.Name, t.Revision, Amounts.Day(t.UpdatedAt), t.Message ?? "" }), "no tags");
        }
        else if (invocation.Value(Delete))
        {
            await zoo.Refs.DeleteAsync(repository, "tags", tag, ct);
            invocation.Answer(new { Repository = repository.ToString(), Tag = tag, Deleted = true }, output => output.WriteLine($"deleted the tag {tag}"));
        }
        else
        {
            // The zoo refuses a tag that is there: a tag stays where it is.
            var set = await zoo.Refs.SetAsync(repository, "tags", tag, new SetRef(invocation.Value(Revision), null, invocation.Value(Message)), ct);
            invocation.Answer(set, output => output.WriteLine($"{set.Name} is {set.Revision}"));
        }
    }
}
