using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>How a file is cut into chunks, told to its readers: who has some of them already fetches only the rest, by ranges.</summary>
internal static class ChunkListRoutes
{
    public static void MapChunkLists(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/repositories/{owner}/{name}/chunks/{revision}/{**path}", Get)
            .WithName("GetFileChunks").WithTags("Files").RequireAuthorization(Policies.Read)
            .Produces<Stream>(200, "application/octet-stream").ProducesProblem(404)
            .WithSummary("List a file's chunks").WithDescription(
                "In the file's order, of each its hash (32 bytes, as Xet hashes chunks) and its size (4 bytes, little-endian). Empty for a file that is not cut: "
                + "text, what is smaller than 64 KiB, and for a moment what has just been pushed.");

    private static async Task<IResult> Get(
        string owner, string name, string revision, string path, Caller caller, ArtifactDb db, HttpResponse response, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        if (await db.FindRevisionAsync(repository.Id, revision, ct) is not { } found) return ArtifactProblems.RevisionUnknown(revision);
        if (!FilePath.TryParse(path, out var filePath, out _) || await db.FindEntryAsync(found, filePath, ct) is not { Kind: not EntryKind.Folder, Sha256: var sha256 })
            return ArtifactProblems.FileUnknown(path, revision);
        response.Headers.CacheControl = repository.Visibility == Visibility.Public ? "no-cache" : "private, no-store";
        response.Headers["X-Revision"] = found.Id;
        var runs = db.ChunkRuns.AsNoTracking().Where(run => run.Sha256 == sha256);
        response.ContentLength = await runs.SumAsync(run => (long)run.Chunks.Length, ct);   // a row's chunks are as ChunkList has them
        return TypedResults.Stream(async body =>
        {
            await foreach (var chunks in runs.OrderBy(run => run.Run).Select(run => run.Chunks).AsAsyncEnumerable().WithCancellation(ct)) await body.WriteAsync(chunks, ct);
        }, "application/octet-stream");
    }
}
