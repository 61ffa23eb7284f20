using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Cli.Transfers;
using ZooPlatform.Contracts;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo push DIR OWNER/NAME</c></summary>
internal static class Push
{
    private static readonly Argument<string> Folder = new("DIR") { Description = "The folder that holds the kit" };
    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The repository; made when it does not exist" };
    private static readonly Option<string> Message = new("--message", "-m") { Description = "What changed", DefaultValueFactory = _ => "Push" };
    private static readonly Option<string> Branch = new("--branch") { Description = "The branch", DefaultValueFactory = _ => "main" };
    private static readonly Option<bool> Private = new("--private") { Description = "A new repository is for its owner's members only (the default)" };
    private static readonly Option<bool> Internal = new("--internal") { Description = "A new repository is for everybody signed in" };
    private static readonly Option<bool> Public = new("--public") { Description = "A new repository is for everybody" };
    private static readonly Option<bool> Delete = new("--delete") { Description = "Delete files of the repository that DIR lacks" };

    public static Command Create(Surroundings surroundings)
    {
        var command = new Command("push", "Put a folder into a repository as one revision; sends only what the zoo lacks")
        {
            Folder, Repository, Message, Branch, Private, Internal, Public, Delete,
        };
        return command.Does(surroundings, RunAsync);
    }

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var request = new PushRequest(
            invocation.Value(Folder), RepositoryName.Parse(invocation.Value(Repository)), invocation.Value(Message),
            VisibilityOf(invocation), invocation.Value(Branch), invocation.Value(Delete));
        var result = await new Transfers.Push(zoo, invocation.Surroundings).RunAsync(request, ct);

        if (request.Visibility is { } asked && asked != result.Visibility)
        {
            invocation.Say($"note: {result.Repository} stays {Word(result.Visibility)}; ./zoo repo visibility {result.Repository} {Word(asked)} changes it");
        }
        invocation.Answer(result, output => Tell(output, result, zoo.Connection.Url));
    }

    private static void Tell(TextWriter output, PushResult result, Uri url)
    {
        if (result.Created)
        {
            output.WriteLine($"created {result.Repository} ({Word(result.Visibility)})");
        }
        output.WriteLine(result.Changed
            ? $"pushed {Amounts.Files(result.Files)}, {Amounts.Bytes(result.Bytes)}, to {result.Repository} {result.Branch}: revision {result.Revision}"
            : $"nothing changed: {result.Repository} {result.Branch} holds these files as revision {result.Revision}");
        if (result.Changed)
        {
            output.WriteLine(
                $"sent {Amounts.Bytes(result.UploadedBytes)} in {result.Uploaded}, the zoo had {Amounts.Bytes(result.SkippedBytes)} of {Amounts.Files(result.Skipped)}");
        }
        if (result.Deleted > 0)
        {
            output.WriteLine($"deleted {Amounts.Files(result.Deleted)}");
        }
        if (result.Kept > 0)
        {
            output.WriteLine($"kept {Amounts.Files(result.Kept)} that DIR lacks; --delete deletes them");
        }
        output.WriteLine(new Uri(url, result.Repository));
    }

    private static Visibility? VisibilityOf(Invocation invocation)
    {
        var asked = new (Option<bool> Option, Visibility Visibility)[]
        {
            (Private, Visibility.Private), (Internal, Visibility.Internal), (Public, Visibility.Public),
        }.Where(o => invocation.Value(o.Option)).Select(o => (Visibility?)o.Visibility).ToList();
        return asked.Count <= 1
            ? asked.SingleOrDefault()
            : throw new WrongUsage("--private, --internal and --public exclude each other", "give one of them");
    }

    private static string Word(Visibility visibility) => visibility.ToString().ToLowerInvariant();
}
