using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Revisions;

internal static class RevisionRoutes
{
    private const int MaxMessageBytes = 64 * 1024;
    private const int MaxOperations = 10_000;
    private const int MaxLogPage = 100;
    private const int MaxTreePage = 10_000;
    private const int TreePage = 1000;

    public static void MapRevisions(this IEndpointRouteBuilder routes)
    {
        var revisions = routes.MapGroup("/api/v1/repositories/{owner}/{name}/revisions").WithTags("Revisions");
        revisions.MapPost("/", Commit).WithName("CreateRevision").RequireAuthorization(Policies.Write)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Commit").WithDescription("Puts and deletes files upon the branch's head, all or nothing; 200 when that changes nothing.")
            .WithExample(new CreateRevision("Say hello", [new FileOperation("hello.txt", "edbe55d686bf245c8b3ddb9ebcf6686d1d797fda046b7a26bd2f6d87bb60b9b5")]), ("owner", "example-lab"), ("name", "example-model"));
        revisions.MapGet("/", Log).WithName("ListRevisions").RequireAuthorization(Policies.Read).ProducesProblem(404).WithPages(MaxLogPage)
            .WithSummary("List a history").WithDescription("Newest first.").WithExample(null, ("limit", 5));
        revisions.MapGet("/{revision}", Get).WithName("GetRevision").RequireAuthorization(Policies.Read).ProducesProblem(404)
            .WithSummary("Get a revision");
        routes.MapGet("/api/v1/repositories/{owner}/{name}/tree/{revision}", Tree).WithName("ListTree").WithTags("Revisions")
            .RequireAuthorization(Policies.Read).ProducesProblem(404).WithPages(MaxTreePage)
            .WithSummary("List a revision's files").WithDescription("A folder's entries, or all files below it; by path.").WithExample(null, ("recursive", true), ("limit", 100));
    }

    private static async Task<Results<Created<RevisionView>, Ok<RevisionView>, ProblemHttpResult>> Commit(
        string owner, string name, JsonBody<CreateRevision> body, Caller caller, ArtifactDb db, CommitRevision verb, IOptions<ArtifactOptions> options,
        ILoggerFactory logs, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var (commit, invalid) = Parse(await body.ReadAsync(ct));
        if (commit is null) return invalid!;
        return Answer(await verb.RunAsync(repository.Id, commit, caller, ct), repository, commit.Branch, caller, options.Value, logs);
    }

    /// <summary>What came of a commit, as HTTP.</summary>
    internal static Results<Created<RevisionView>, Ok<RevisionView>, ProblemHttpResult> Answer(
        CommitOutcome outcome, Repository repository, RefName branch, Caller caller, ArtifactOptions options, ILoggerFactory logs)
    {
        switch (outcome)
        {
            case CommitOutcome.Committed { Revision: var made }:
                logs.CreateLogger(typeof(RevisionRoutes)).RevisionCommitted(made.Id, repository.Id, made.FileCount, made.SizeBytes, caller.Subject);
                return TypedResults.Created($"/api/v1/repositories/{repository.Owner.Name}/{repository.Name}/revisions/{made.Id}", RevisionQueries.View(made));
            case CommitOutcome.Unchanged unchanged:
                return TypedResults.Ok(RevisionQueries.View(unchanged.Head));
            case CommitOutcome.HeadMoved moved:
                return ArtifactProblems.HeadMoved(branch.Value, moved.Head);
            case CommitOutcome.NotABranch:
                return ArtifactProblems.RefKindTaken(branch.Value);
            case CommitOutcome.BlobsMissing missing:
                return ArtifactProblems.BlobsMissing(missing.Hashes);
            case CommitOutcome.PathRefused refused:
                return ArtifactProblems.PathInvalid(refused.Path.Value, refused.Refusal);
            case CommitOutcome.TooManyFiles files:
                return ArtifactProblems.TooManyFiles(files.Count, options.MaxFilesPerRevision);
            default:
                return ArtifactProblems.RepositoryUnknown(repository.Owner.Name, repository.Name);
        }
    }

    private static async Task<Results<Ok<Page<RevisionView>>, ProblemHttpResult>> Log(
        string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct, string from = Ref.Main, string? after = null, int limit = 20)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        var first = await db.FindRevisionAsync(repository.Id, after ?? from, ct);
        if (first is null && after is null && from == Ref.Main) return TypedResults.Ok(new Page<RevisionView>([]));   // empty as yet
        if (first is null) return ArtifactProblems.RevisionUnknown(after ?? from);
        // A page after revision X begins with X's parent: one more is read at either end.
        var skip = after is null ? 0 : 1;
        var rows = (await db.LogAsync(repository.Id, first.Id, limit + skip + 1, ct)).Skip(skip).ToList();
        var page = rows.Take(limit).Select(RevisionQueries.View).ToList();
        return TypedResults.Ok(new Page<RevisionView>(page, rows.Count > limit ? page[^1].Id : null));
    }

    private static async Task<Results<Ok<RevisionView>, ProblemHttpResult>> Get(
        string owner, string name, string revision, Caller caller, ArtifactDb db, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        return await db.FindRevisionAsync(repository.Id, revision, ct) is { } found
            ? TypedResults.Ok(RevisionQueries.View(found))
            : ArtifactProblems.RevisionUnknown(revision);
    }

    private static async Task<Results<Ok<Page<TreeEntryView>>, ProblemHttpResult>> Tree(
        string owner, string name, string revision, Caller caller, ArtifactDb db, CancellationToken ct,
        string? path = null, bool recursive = false, string? after = null, int limit = TreePage)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        return await TreeAsync(db, repository.Id, revision, path, recursive, after, limit, ct);
    }

    /// <summary>A page of a revision's folder, or of all its files; for readers whose right to it is settled.</summary>
    internal static async Task<Results<Ok<Page<TreeEntryView>>, ProblemHttpResult>> TreeAsync(
        ArtifactDb db, Guid repositoryId, string revision, string? path, bool recursive, string? after, int limit, CancellationToken ct)
    {
        if (await db.FindRevisionAsync(repositoryId, revision, ct) is not { } found) return ArtifactProblems.RevisionUnknown(revision);
        FilePath? folder = null;
        if (!string.IsNullOrEmpty(path) && !FilePath.TryParse(path, out folder, out _)) return ArtifactProblems.FolderUnknown(path);
        return await db.ListTreeAsync(found, folder, recursive, after, limit, ct) is { } page
            ? TypedResults.Ok(page)
            : ArtifactProblems.FolderUnknown(path!);
    }

    internal static ProblemHttpResult? MessageRefusal(string message) =>
        string.IsNullOrWhiteSpace(message) || Encoding.UTF8.GetByteCount(message) > MaxMessageBytes || message.Contains('\0')
            ? ArtifactProblems.MessageInvalid(MaxMessageBytes) : null;

    private static (Commit? Commit, ProblemHttpResult? Refusal) Parse(CreateRevision ask)
    {
        if (!RefName.TryParse(ask.Branch, out var branch, out var branchRefusal)) return (null, ArtifactProblems.RefInvalid(ask.Branch, branchRefusal));
        if (MessageRefusal(ask.Message) is { } wrong) return (null, wrong);
        if (ask.Operations.Count is 0 or > MaxOperations) return (null, ArtifactProblems.TooManyOperations(ask.Operations.Count, MaxOperations));
        var changes = new List<CommitChange>(ask.Operations.Count);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in ask.Operations)
        {
            if (!FilePath.TryParse(operation.Path, out var path, out var pathRefusal)) return (null, ArtifactProblems.PathInvalid(operation.Path, pathRefusal));
            if (!paths.Add(path.Value)) return (null, ArtifactProblems.PathTwice(path.Value));
            BlobHash? hash = null;
            if (operation.Sha256 is not null && !BlobHash.TryParse(operation.Sha256, out hash)) return (null, ArtifactProblems.HashInvalid(operation.Sha256));
            changes.Add(new CommitChange(path, hash, operation.Executable));
        }
        return (new Commit(branch, ask.ExpectedParent, ask.Message, changes), null);
    }
}
