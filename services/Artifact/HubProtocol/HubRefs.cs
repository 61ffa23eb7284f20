using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Makes and deletes branches and tags, and makes one commit of a branch's history.</summary>
internal static class HubRefs
{
    private const int MaxBodyBytes = 64 * 1024, MaxRaces = 5;

    public static void MapHubRefs(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{HubRoutes.Model}/branch/{{**rest}}", MakeBranch);
        routes.MapPost($"{HubRoutes.Model}/tag/{{**rest}}", MakeTag);
        routes.MapPost($"{HubRoutes.Model}/super-squash/{{**rest}}", Squash);
        foreach (var (word, kind) in new[] { ("branch", RefKind.Branch), ("tag", RefKind.Tag) })
            routes.MapDelete($"{HubRoutes.Model}/{word}/{{**rest}}", (string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, SetReference set, CancellationToken ct) =>
                DeleteAsync(kind, owner, name, caller, request, db, set, ct));
    }

    private static async Task<IResult> MakeBranch(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, SetReference set, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = request.ContentLength == 0 ? new BranchRequest(null) : await LenientJson.ReadAsync<BranchRequest>(request, MaxBodyBytes, ct);
        var start = ask.StartingPoint is null or "HEAD" ? Ref.Main : ask.StartingPoint;
        var branch = HubTarget.NameAfter(request, HubRoutes.SkipApi);
        // While a repository is empty there is nothing to begin at: the first commit makes its branch.
        if (RefName.TryParse(branch, out _, out _) && !await db.Refs.AnyAsync(found => found.RepositoryId == repository.Id, ct)) return TypedResults.Json(new { });
        return await MakeAsync(repository.Id, RefKind.Branch, branch, start, caller, db, set, ct);
    }

    private static async Task<IResult> MakeTag(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, SetReference set, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await LenientJson.ReadAsync<TagRequest>(request, MaxBodyBytes, ct);
        return await MakeAsync(repository.Id, RefKind.Tag, ask.Tag ?? "", HubTarget.NameAfter(request, HubRoutes.SkipApi), caller, db, set, ct);
    }

    private static async Task<IResult> Squash(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, SquashBranch squash, ILoggerFactory logs, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = request.ContentLength == 0 ? new SquashRequest(null) : await LenientJson.ReadAsync<SquashRequest>(request, MaxBodyBytes, ct);
        var named = HubTarget.NameAfter(request, HubRoutes.SkipApi);
        var message = string.IsNullOrWhiteSpace(ask.Message) ? $"Super-squash branch '{named}'" : ask.Message;
        if (RevisionRoutes.MessageRefusal(message) is not null) return HubError.BadInput("The message is too long or holds a NUL.");
        if (!RefName.TryParse(named, out var branch, out _)) return HubError.RevisionUnknown(named);
        // The hub's clients do not say which head they saw: whatever it is now is meant.
        for (var race = 0; race < MaxRaces; race++)
        {
            var head = await db.Refs.Where(found => found.RepositoryId == repository.Id && found.Kind == RefKind.Branch && found.Name == branch.Value).Select(found => found.Revision).SingleOrDefaultAsync(ct);
            if (head is null) return HubError.RevisionUnknown(named);
            db.ChangeTracker.Clear();   // what the last try read
            if (await squash.RunAsync(repository.Id, branch, head, onto: null, message, caller, ct) is not SquashOutcome.Squashed { Revision: var made }) continue;
            logs.CreateLogger(typeof(HubRefs)).BranchSquashed(branch.Value, repository.Id, made.Id, caller.Subject);
            return TypedResults.Json(new { commitOid = made.Id }, LenientJson.Options);
        }
        return new HubError(409, "Conflict", $"The branch '{named}' is being committed to. Try again.");
    }

    private static async Task<IResult> MakeAsync(Guid repositoryId, RefKind kind, string named, string start, Caller caller, ArtifactDb db, SetReference set, CancellationToken ct)
    {
        if (!RefName.TryParse(named, out var refName, out var invalid)) return HubError.BadInput($"'{named}' cannot name a branch or tag: it {invalid}.");
        if (await db.FindRevisionAsync(repositoryId, start, ct) is not { } revision) return HubError.RevisionUnknown(start);
        return await set.RunAsync(repositoryId, kind, refName, new SetRef(revision.Id), caller, ct) switch
        {
            SetOutcome.Done => TypedResults.Json(new { }),
            SetOutcome.Moved or SetOutcome.OtherKind => new HubError(409, "Conflict", $"Reference already exists: '{named}'."),
            _ => HubError.RevisionUnknown(start),
        };
    }

    private static async Task<IResult> DeleteAsync(
        RefKind kind, string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, SetReference set, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var named = HubTarget.NameAfter(request, HubRoutes.SkipApi);
        if (kind == RefKind.Branch && named == Ref.Main) return new HubError(403, null, "The branch main cannot be deleted: it is what everybody sees first.");
        return await set.DeleteAsync(repository.Id, kind, named, caller, ct) ? TypedResults.Json(new { }) : HubError.RevisionUnknown(named);
    }

    private sealed record BranchRequest(string? StartingPoint);

    private sealed record TagRequest(string? Tag);

    private sealed record SquashRequest(string? Message);
}
