using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Downloads: one range, or the whole; conditional; always as a file to save, never as a page.</summary>
internal static class FileRoutes
{
    public static void MapFiles(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/repositories/{owner}/{name}/files/{revision}/{**path}", ["GET", "HEAD"], Get)
            .WithName("GetFile").WithTags("Files").RequireAuthorization(Policies.Read)
            .Produces<Stream>(200, "application/octet-stream").ProducesProblem(404).ProducesProblem(416)
            .WithSummary("Download a file").WithDescription("Whole, or one range. ETag and Repr-Digest are its SHA-256; X-Revision names what the branch or tag stood at.");

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> Get(
        string owner, string name, string revision, string path, Caller caller, ArtifactDb db, SendFile send, HttpResponse response, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        response.Headers.CacheControl = repository.Visibility == Visibility.Public ? "no-cache" : "private, no-store";
        return await send.RunAsync(repository.Id, revision, path, response, ct);
    }
}

/// <summary>Answers a file of a revision, to a reader whose right to it is settled.</summary>
internal sealed class SendFile(ArtifactDb db, BlobStore store, ILogger<SendFile> logger)
{
    public async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> RunAsync(
        Guid repositoryId, string revision, string path, HttpResponse response, CancellationToken ct)
    {
        if (await db.FindRevisionAsync(repositoryId, revision, ct) is not { } found) return ArtifactProblems.RevisionUnknown(revision);
        if (!FilePath.TryParse(path, out var filePath, out _) || await db.FindEntryAsync(found, filePath, ct) is not { Kind: not EntryKind.Folder } entry
            || !BlobHash.TryParse(entry.Sha256, out var hash))
            return ArtifactProblems.FileUnknown(path, revision);
        if (!store.Holds(hash, entry.SizeBytes))
        {
            logger.BlobDamaged(entry.Sha256, entry.SizeBytes);
            return ArtifactProblems.BlobDamaged(path);
        }
        response.OnCompleted(() =>
        {
            if (HttpMethods.IsGet(response.HttpContext.Request.Method)) Measures.BlobSent(response.ContentLength ?? 0);
            return Task.CompletedTask;
        });
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(entry.Sha256))}:";
        response.Headers["X-Revision"] = found.Id;
        // The revision's time, never the file's: that would tell when somebody else first stored the same bytes.
        return TypedResults.PhysicalFile(store.PathOf(hash), "application/octet-stream", entry.Name, found.CreatedAt,
            new EntityTagHeaderValue($"\"{entry.Sha256}\""), enableRangeProcessing: true);
    }
}
