using Microsoft.AspNetCore.Mvc;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A commit as JSON lines: a header, then files inline, LFS files by their hash, deletions and copies. All or nothing.</summary>
internal static class HubCommit
{
    /// <summary>How often a commit that names no parent is put upon a head that moved meanwhile.</summary>
    private const int MaxTries = 20;

    public static HubError NoPullRequests => HubError.NotImplemented("This zoo has no pull requests. Commit to a branch of your own instead.");

    public static void MapHubCommit(this IEndpointRouteBuilder routes) =>
        routes.MapPost($"{HubRoutes.Model}/commit/{{**rest}}", Commit).WithMetadata(new DisableRequestSizeLimitAttribute());

    private static async Task<IResult> Commit(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, ReadCommit read, HubChanges changes, CommitRevision commit,
        PublicUrl url, ILoggerFactory logs, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (request.IsTrue("create_pr")) return NoPullRequests;
        if (await HubTarget.FindAsync(request, HubRoutes.SkipApi, repository.Id, db, ct) is not { Path: "" } target)
            return HubError.RevisionUnknown(HubTarget.NameAfter(request, HubRoutes.SkipApi));
        if (!RefName.TryParse(target.Name, out var branch, out _)) return HubError.BadInput("Commits go to a branch; this is none.");
        if (request.Headers.ContentEncoding.Count > 0) return new HubError(415, null, "The body has a Content-Encoding, but commits are taken as they are.");
        var (text, invalid) = await read.RunAsync(repository.Id, caller, request.Body, ct);
        if (text is null) return invalid!;
        if (await changes.FindWrongSizeAsync(repository.Id, caller, text.Changes, ct) is { } wrong)
            return HubError.BadInput($"'{wrong.Path}' does not have {wrong.SizeBytes} bytes. Nothing was committed.");

        for (var tries = 1; ; tries++)
        {
            var head = await db.FindRevisionAsync(repository.Id, branch.Value, ct);
            if (text.ParentCommit is { } parent && !(parent.Length >= 7 && head?.Id.StartsWith(parent, StringComparison.Ordinal) == true)) return Moved(branch, head?.Id);
            var (resolved, missing) = await changes.ResolveAsync(head, text.Changes, ct);
            if (missing is not null) return missing;
            if (resolved.Count == 0 && head is null) return HubError.BadInput("The commit holds nothing.");
            var outcome = await commit.RunAsync(repository.Id, new Commit(branch, head?.Id, text.Message, resolved), caller, ct);
            if (outcome is CommitOutcome.HeadMoved && text.ParentCommit is null && tries < MaxTries) continue;
            if (outcome is CommitOutcome.Committed { Revision: var made })
                logs.CreateLogger(typeof(HubCommit)).RevisionCommitted(made.Id, repository.Id, made.FileCount, made.SizeBytes, caller.Subject);
            return Answer(outcome, repository, branch, resolved, caller, url);
        }
    }

    private static IResult Answer(
        CommitOutcome outcome, Repository repository, RefName branch, IReadOnlyList<CommitChange> changes, Caller caller, PublicUrl url) => outcome switch
    {
        CommitOutcome.Committed committed => Done(committed.Revision, repository, url),
        CommitOutcome.Unchanged unchanged => Done(unchanged.Head, repository, url),
        CommitOutcome.HeadMoved moved => Moved(branch, moved.Head),
        CommitOutcome.NotABranch => HubError.BadInput($"'{branch}' is a tag; commits go to a branch."),
        CommitOutcome.BlobsMissing missing => HubError.BadInput(
            $"The content of '{changes.FirstOrDefault(change => change.Hash?.Value == missing.Hashes[0])?.Path}' ({missing.Hashes[0]}) is not there for this repository. Upload it, then commit again."),
        CommitOutcome.PathRefused refused => HubError.BadInput($"The path '{refused.Path}' {refused.Refusal}. Nothing was committed."),
        CommitOutcome.TooManyFiles files => HubError.BadInput($"The revision would hold {files.Count} files, which is more than this zoo takes. Pack small files, or use several repositories."),
        _ => HubError.RepositoryUnknown(caller, repository.Owner.Name, repository.Name),
    };

    private static IResult Done(Revision revision, Repository repository, PublicUrl url) => TypedResults.Json(new
    {
        success = true, commitOid = revision.Id, commitUrl = url.Of($"/{repository.Owner.Name}/{repository.Name}/commit/{revision.Id}"), hookOutput = "",
    }, LenientJson.Options);

    private static HubError Moved(RefName branch, string? head) => new(412, "PreconditionFailed",
        head is null ? $"The branch {branch} does not exist, so it has no such parent." : $"A commit has happened since: the branch {branch} is at {head} now. Read it, then commit upon it.");
}
