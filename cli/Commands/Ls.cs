using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo ls [OWNER[/NAME]]</c></summary>
internal static class Ls
{
    private static readonly Argument<string?> What = new("OWNER[/NAME]")
    {
        Description = "An owner: its repositories; a repository: its files; nothing: all repositories you may see",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string> Revision = new("--revision") { Description = "Id, number, branch, tag or alias", DefaultValueFactory = _ => "main" };

    public static Command Create(Surroundings surroundings) =>
        new Command("ls", "List repositories, or the files of one") { What, Revision, CommonOptions.Include, CommonOptions.Exclude }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var what = invocation.Value(What);
        if (what?.Contains('/', StringComparison.Ordinal) == true)
        {
            var globs = invocation.Globs;
            var files = (await zoo.Revisions.FilesAsync(RepositoryName.Parse(what), invocation.Value(Revision), ct)).Where(f => globs.Mean(f.Path)).ToList();
            invocation.AnswerTable(
                files, ["SIZE", "SHA-256", "PATH"], files.Select(f => new[] { Amounts.Bytes(f.SizeBytes), f.Sha256 ?? "", f.Path }), "no files");
            return;
        }
        var repositories = await zoo.Repositories.ListAsync(what, ct);
        invocation.AnswerTable(
            repositories, ["REPOSITORY", "VISIBILITY", "UPDATED"],
            repositories.Select(r => new[] { $"{r.Owner}/{r.Name}", r.Visibility.ToString().ToLowerInvariant(), Amounts.Day(r.UpdatedAt) }),
            "no repositories that you may see");
    }
}
