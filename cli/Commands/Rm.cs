using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo rm OWNER/NAME PATH... -m TEXT</c></summary>
internal static class Rm
{
    private const int MaxOperations = 10_000;
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Argument<string[]> Paths = new("PATH") { Description = "Files to delete; a folder: all files in it", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Message = new("--message", "-m") { Description = "What changed, and why", Required = true };
    private static readonly Option<string> Branch = new("--branch") { Description = "Where to", DefaultValueFactory = _ => "main" };

    public static Command Create(Surroundings surroundings) =>
        new Command("rm", "Delete files in a new revision; older revisions keep them") { Repository, Paths, Message, Branch }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var (repository, branch) = (RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Branch));
        var head = await zoo.Revisions.GetAsync(repository, branch, ct);
        var files = (await zoo.Revisions.FilesAsync(repository, head.Id, ct)).Select(f => f.Path).ToList();
        var doomed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in invocation.Value(Paths).Select(p => p.TrimEnd('/')))
        {
            var matching = files.Where(f => f == path || f.StartsWith(path + "/", StringComparison.Ordinal)).ToList();
            if (matching.Count == 0)
            {
                throw new Refusal($"{repository} holds no {Table.Printable(path)}; nothing was deleted", $"./zoo ls {repository}");
            }
            doomed.UnionWith(matching);
        }
        if (doomed.Count > MaxOperations)
        {
            throw new Refusal($"{doomed.Count} files at once are too many; nothing was deleted", $"delete at most {MaxOperations} at a time");
        }
        var made = await zoo.Revisions.CreateAsync(
            repository, new CreateRevision(invocation.Value(Message), [.. doomed.Select(p => new FileOperation(p))], head.Id, branch), ct);
        invocation.Answer(made, output => output.WriteLine($"deleted {Amounts.Files(doomed.Count)} of {repository} in revision {made.Id}"));
    }
}
