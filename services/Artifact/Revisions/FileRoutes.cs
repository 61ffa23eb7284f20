using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Downloads: one range, or the whole; conditional; always as a file to save, never as a page.</summary>
internal static class FileRoutes
{
    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/repositories/{owner}/{name}/files/{revision}", GetMany)
            .WithName("GetFiles").WithTags("Files").RequireAuthorization(Policies.Read)
            .Produces<Stream>(200, "application/octet-stream").ProducesProblem(404).ProducesProblem(422)
            .WithSummary("Download many files").WithDescription("In the order asked for, each as a netstring: its size in decimal, ':', its bytes, ','.")
            .WithExample(new GetFiles(["README.md"]));
        routes.MapMethods("/api/v1/repositories/{owner}/{name}/files/{revision}/{**path}", ["GET", "HEAD"], Get)
            .WithName("GetFile").WithTags("Files").RequireAuthorization(Policies.Read)
            .Produces<Stream>(200, "application/octet-stream").ProducesProblem(404).ProducesProblem(416)
            .WithSummary("Download a file").WithDescription("Whole, or one range. ETag and Repr-Digest are its SHA-256; X-Revision names what the branch or tag stood at.");
    }

    private static async Task<IResult> GetMany(
        string owner, string name, string revision, JsonBody<GetFiles> body, Caller caller, ArtifactDb db, SendFiles send, HttpResponse response, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        var ask = await body.ReadAsync(ct);
        response.Headers.CacheControl = "private, no-store";
        return await send.RunAsync(repository.Id, revision, ask.Paths, response, ct);
    }

    private static async Task<IResult> Get(
        string owner, string name, string revision, string path, Caller caller, ArtifactDb db, SendFile send, HttpResponse response, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        response.Headers.CacheControl = repository.Visibility == Visibility.Public ? "no-cache" : "private, no-store";
        return await send.RunAsync(repository.Id, revision, path, response, ct);
    }
}

/// <summary>Answers a file of a revision, to a reader whose right to it is settled.</summary>
internal sealed class SendFile(ArtifactDb db, SendBlob send)
{
    public async Task<IResult> RunAsync(Guid repositoryId, string revision, string path, HttpResponse response, CancellationToken ct, bool fromHere = false)
    {
        if (await db.FindRevisionAsync(repositoryId, revision, ct) is not { } found) return ArtifactProblems.RevisionUnknown(revision);
        if (!FilePath.TryParse(path, out var filePath, out _) || await db.FindEntryAsync(found, filePath, ct) is not { Kind: not EntryKind.Folder } entry
            || !BlobHash.TryParse(entry.Sha256, out var hash))
            return ArtifactProblems.FileUnknown(path, revision);
        response.Headers["X-Revision"] = found.Id;
        return await send.RunAsync(new SentBlob(hash, entry.SizeBytes, entry.Name, found.CreatedAt, FromHere: fromHere), response, ct) ?? ArtifactProblems.BlobDamaged(path);
    }
}
