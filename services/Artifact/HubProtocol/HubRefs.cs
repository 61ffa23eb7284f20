using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Makes and deletes branches and tags.</summary>
internal static class HubRefs
{
    private const int MaxBodyBytes = 64 * 1024;

    public static void MapHubRefs(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{HubRoutes.Model}/branch/{{**rest}}", MakeBranch);
        routes.MapPost($"{HubRoutes.Model}/tag/{{**rest}}", MakeTag);
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
}
