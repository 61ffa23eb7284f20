using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Cli.Transfers;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo pull OWNER/NAME [OUT]</c></summary>
internal static class Pull
{
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository" };
    private static readonly Argument<string?> Folder = new("OUT")
    {
        Description = "The folder to fill; NAME when absent",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string> Revision = new("--revision") { Description = "Id, number, branch, tag or alias", DefaultValueFactory = _ => "main" };
    private static readonly Option<string[]> Reuse = new("--reuse")
    {
        Description = "A file, or a folder of files, that may share chunks with what is pulled (files that are replaced are looked at anyway)",
    };

    public static Command Create(Surroundings surroundings) =>
        new Command("pull", "Get a revision into a folder, every file checked against its SHA-256") { Repository, Folder, Revision, CommonOptions.Include, CommonOptions.Exclude, Reuse }
            .Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var repository = RepositoryName.Parse(invocation.Value(Repository));
        var folder = invocation.Value(Folder) ?? repository.Name;
        var request = new PullRequest(repository, folder, invocation.Value(Revision), invocation.Globs, invocation.Value(Reuse) ?? []);
        var result = await new Transfers.Pull(zoo, invocation.Surroundings).RunAsync(request, ct);
        invocation.Answer(result, output =>
        {
            output.WriteLine(
                $"pulled {Amounts.Files(result.Files)}, {Amounts.Bytes(result.Bytes)}, of {result.Repository} at {result.Revision} into {result.Folder}");
            output.WriteLine(
                $"every SHA-256 is right; fetched {Amounts.Bytes(result.FetchedBytes)} for {Amounts.Files(result.Downloaded)}, {result.Present} were there");
            if (result.ReusedBytes + result.ResumedBytes > 0)
            {
                output.WriteLine($"reused {Amounts.Bytes(result.ReusedBytes)} of files that were here, {Amounts.Bytes(result.ResumedBytes)} of an earlier pull");
            }
        });
    }
}
