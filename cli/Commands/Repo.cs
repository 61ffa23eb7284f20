using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo repo create | move | delete | visibility</c></summary>
internal static class Repo
{
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Argument<Visibility> NewVisibility = new("VISIBILITY") { Description = "private, internal or public" };
    private static readonly Option<Visibility> Visibility = new("--visibility")
    {
        Description = "private, internal or public",
        DefaultValueFactory = _ => Contracts.Visibility.Private,
    };
    private static readonly Option<string?> Description = new("--description") { Description = "One line about it" };
    private static readonly Argument<string> NewName = new("NEW") { Description = "OWNER/NAME it shall have" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Really delete it, with all its revisions" };

    public static Command Create(Surroundings surroundings) =>
        new("repo", "Make, move, hide, show and delete repositories")
        {
            new Command("create", "Make an empty repository") { Repository, Visibility, Description }.Does(surroundings, CreateAsync),
            new Command("move", "Give it another name or owner; the old name leads there") { Repository, NewName }.Does(surroundings, MoveAsync),
            new Command("visibility", "Say who may read it") { Repository, NewVisibility }.Does(surroundings, SetVisibilityAsync),
            new Command("delete", "Delete it, with all its revisions") { Repository, Yes }.Does(surroundings, DeleteAsync),
        };

    private static async Task CreateAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var made = await zoo.Repositories.CreateAsync(
            RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Visibility), invocation.Value(Description), ct);
        invocation.Answer(made, output => output.WriteLine($"created {made.Owner}/{made.Name} ({Word(made.Visibility)})"));
    }

    private static async Task SetVisibilityAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var changed = await zoo.Repositories.UpdateAsync(
            RepositoryName.Parse(invocation.Value(Repository)), new UpdateRepository(invocation.Value(NewVisibility)), ct);
        invocation.Answer(changed, output => output.WriteLine($"{changed.Owner}/{changed.Name} is {Word(changed.Visibility)}"));
    }

    private static async Task MoveAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var (from, to) = (RepositoryName.Parse(invocation.Value(Repository)), RepositoryName.Parse(invocation.Value(NewName)));
        var moved = await zoo.Repositories.MoveAsync(from, to, ct);
        invocation.Answer(moved, output => output.WriteLine($"moved {from} to {moved.Owner}/{moved.Name}"));
    }

    private static async Task DeleteAsync(Invocation invocation, CancellationToken ct)
    {
        var repository = RepositoryName.Parse(invocation.Value(Repository));
        if (!invocation.Value(Yes))
        {
            throw new WrongUsage($"deleting {repository} loses all its revisions", $"./zoo repo delete {repository} --yes");
        }
        using var zoo = invocation.Connect();
        await zoo.Repositories.DeleteAsync(repository, ct);
        invocation.Answer(new { Repository = repository.ToString(), Deleted = true }, output => output.WriteLine($"deleted {repository}"));
    }

    private static string Word(Visibility visibility) => visibility.ToString().ToLowerInvariant();
}
