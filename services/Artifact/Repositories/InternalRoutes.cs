using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>What other services read in their own name, by id. Not routed by the gateway.</summary>
internal static class InternalRoutes
{
    private const int MaxTreePage = 10_000;

    public static void MapInternal(this IEndpointRouteBuilder routes)
    {
        routes.MapFeed<ArtifactDb, RepositoryState>(Scopes.ArtifactReadAll, RepositoryQueries.StatesAsync);
        var revision = routes.MapGroup("/internal/repositories/{id:guid}/revisions/{revision}")
            .RequireAuthorization(Policies.Service(Scopes.ArtifactReadAll)).ExcludeFromDescription();
        revision.MapGet("", Get);
        revision.MapGet("/tree", Tree);
        revision.MapMethods("/files/{**path}", ["GET", "HEAD"], File);
    }

    /// <summary>Which revision an id, a number, a branch, a tag or an alias means; a slash in its name comes as <c>%2F</c>.</summary>
    private static async Task<Results<Ok<RevisionView>, ProblemHttpResult>> Get(Guid id, string revision, ArtifactDb db, CancellationToken ct) =>
        await ExistsAsync(db, id, ct) && await db.FindRevisionAsync(id, revision.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), ct) is { } found
            ? TypedResults.Ok(RevisionQueries.View(found))
            : ArtifactProblems.RevisionUnknown(revision);

    private static async Task<Results<Ok<Page<TreeEntryView>>, ProblemHttpResult>> Tree(
        Guid id, string revision, ArtifactDb db, CancellationToken ct,
        string? path = null, bool recursive = true, string? after = null, int limit = MaxTreePage) =>
        await ExistsAsync(db, id, ct)
            ? await RevisionRoutes.TreeAsync(db, id, revision, path, recursive, after, Math.Clamp(limit, 1, MaxTreePage), ct)
            : ArtifactProblems.RevisionUnknown(revision);

    private static async Task<IResult> File(
        Guid id, string revision, string path, ArtifactDb db, SendFile send, HttpResponse response, CancellationToken ct) =>
        await ExistsAsync(db, id, ct) ? await send.RunAsync(id, revision, path, response, ct, fromHere: true) : ArtifactProblems.RevisionUnknown(revision);

    private static Task<bool> ExistsAsync(ArtifactDb db, Guid id, CancellationToken ct) =>
        db.Repositories.AnyAsync(repository => repository.Id == id && repository.DeletedAt == null, ct);
}
