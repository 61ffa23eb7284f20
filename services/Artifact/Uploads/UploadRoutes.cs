using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Uploads;

/// <summary>Resumable uploads: create, then PATCH bytes from the durable offset on; the last byte completes it. Or PUT parts, in any order and at once, and complete it.</summary>
internal static class UploadRoutes
{
    private const string OffsetHeader = "Upload-Offset";
    private const string LengthHeader = "Upload-Length";

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var uploads = routes.MapGroup("/api/v1/uploads").WithTags("Uploads").RequireAuthorization(Policies.Write);
        uploads.MapPost("/", Create).WithName("CreateUpload").ProducesProblem(404).ProducesProblem(413).ProducesProblem(422)
            .WithSummary("Begin an upload, or find the one begun").WithDescription("PATCH its bytes then; the last one completes it.")
            .WithExample(new CreateUpload("example-lab/example-model", "2b96534b0a802e49202f3c5ab9f026324145b347ab9c5b9f9c847cae1c798e65", 14));
        uploads.MapGet("/{id:guid}", Get).WithName("GetUpload").ProducesProblem(404)
            .WithSummary("Get an upload").WithExampleFrom("id", "CreateUpload.id");
        uploads.MapMethods("/{id:guid}", ["HEAD"], Head).WithName("GetUploadOffset").ProducesProblem(404)
            .WithSummary("Ask where an upload goes on").WithDescription("The header Upload-Offset says how many bytes are durable.").WithExampleFrom("id", "CreateUpload.id");
        uploads.MapPatch("/{id:guid}", Append).WithName("AppendUpload").ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Send an upload's next bytes").WithDescription("From the header Upload-Offset on, which must be what the server has.")
            .WithExample("hello, uploads", ("Upload-Offset", 0)).WithExampleFrom("id", "CreateUpload.id")
            .WithMetadata(new DisableRequestSizeLimitAttribute());
        uploads.MapPut("/{id:guid}/parts/{offset:long}", Put).WithName("StoreUploadPart").ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Send a part of an upload").WithDescription("From any offset on; several at once, in any order, and again. Then complete it.")
            .WithExample("uploads", ("offset", 7)).WithExampleFrom("id", "CreateUpload.id")
            .WithMetadata(new DisableRequestSizeLimitAttribute());
        uploads.MapPost("/{id:guid}/chunks/{offset:long}", Copy).WithName("CopyKnownChunks").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Ask which chunks need not be sent").WithDescription("At most 16,384 chunks from this offset on, each as Xet's hash (32 bytes) and its size (4, little-endian). What the caller may read somewhere is copied.")
            .WithExample("", ("offset", 0)).WithExampleFrom("id", "CreateUpload.id")
            .WithMetadata(new RequestSizeLimitAttribute(ChunkList.MaxChunks * ChunkList.EntryBytes));
        uploads.MapPost("/{id:guid}/complete", Complete).WithName("CompleteUpload").ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Complete an upload").WithDescription("The last byte does it; this is for one whose answer was lost, and may be repeated.")
            .WithExampleFrom("id", "CreateUpload.id");
        uploads.MapDelete("/{id:guid}", Delete).WithName("DeleteUpload").ProducesProblem(404)
            .WithSummary("Give an upload up").WithExampleFrom("id", "CreateUpload.id");
    }

    private static async Task<Results<Created<UploadView>, Ok<UploadView>, ProblemHttpResult>> Create(
        CreateUpload ask, Caller caller, ArtifactDb db, BeginUpload begin, IOptions<ArtifactOptions> options, CancellationToken ct)
    {
        var name = ask.Repository.Split('/');
        if (name.Length != 2) return ArtifactProblems.RepositoryUnknown(ask.Repository, "");
        var (repository, refusal) = await db.FindForAsync(Role.Contributor, caller, name[0], name[1], ct);
        if (repository is null) return refusal!;
        if (!BlobHash.TryParse(ask.Sha256, out var hash)) return ArtifactProblems.HashInvalid(ask.Sha256);
        if (ask.SizeBytes < 0) return ArtifactProblems.SizeInvalid(ask.SizeBytes);
        if (ask.SizeBytes > options.Value.MaxBlobBytes) return ArtifactProblems.BlobTooLarge;
        var (upload, found) = await begin.RunAsync(repository.Id, caller, hash, ask.SizeBytes, ct);
        var view = View(upload, options.Value, await db.GapsAsync(upload.Id, ct));
        return found ? TypedResults.Ok(view) : TypedResults.Created($"/api/v1/uploads/{upload.Id}", view);
    }

    private static async Task<Results<Ok<UploadView>, ProblemHttpResult>> Get(
        Guid id, Caller caller, ArtifactDb db, IOptions<ArtifactOptions> options, CancellationToken ct) =>
        await FindAsync(db, id, caller, ct) is { } upload
            ? TypedResults.Ok(View(upload, options.Value, await db.GapsAsync(id, ct))) : ArtifactProblems.UploadUnknown(id);

    private static async Task<Results<NoContent, ProblemHttpResult>> Head(
        Guid id, Caller caller, ArtifactDb db, HttpResponse response, CancellationToken ct)
    {
        if (await FindAsync(db, id, caller, ct) is not { } upload) return ArtifactProblems.UploadUnknown(id);
        Tell(response, upload.OffsetBytes);
        response.Headers[LengthHeader] = upload.SizeBytes.ToString(CultureInfo.InvariantCulture);
        response.Headers.CacheControl = "no-store";
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<UploadView>, ProblemHttpResult>> Append(
        Guid id, Caller caller, HttpRequest request, HttpResponse response, ArtifactDb db, AppendUpload append, CompleteUpload complete,
        IOptions<ArtifactOptions> options, CancellationToken ct)
    {
        if (await FindAsync(db, id, caller, ct) is not { } upload) return ArtifactProblems.UploadUnknown(id);
        if (request.Headers.ContentEncoding.Count > 0) return ArtifactProblems.EncodedBody;
        if (!long.TryParse(request.Headers[OffsetHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return ArtifactProblems.OffsetMissing(OffsetHeader);
        if (request.ContentLength > upload.SizeBytes - upload.OffsetBytes && offset == upload.OffsetBytes)
            return ArtifactProblems.UploadTooLong(id, upload.SizeBytes, upload.OffsetBytes);
        switch (await append.RunAsync(upload, offset, request.Body, ct))
        {
            case AppendOutcome.Appended appended:
                Tell(response, appended.OffsetBytes);
                upload.OffsetBytes = appended.OffsetBytes;
                if (upload.OffsetBytes == upload.SizeBytes) return await CompleteAsync(upload, caller, complete, options.Value, response, ct);
                return TypedResults.Ok(View(upload, options.Value));
            case AppendOutcome.WrongOffset wrong:
                Tell(response, wrong.OffsetBytes);
                return ArtifactProblems.OffsetWrong(id, offset, wrong.OffsetBytes);
            case AppendOutcome.TooLong tooLong:
                Tell(response, tooLong.OffsetBytes);
                return ArtifactProblems.UploadTooLong(id, upload.SizeBytes, tooLong.OffsetBytes);
            default:
                return ArtifactProblems.UploadBusy(id);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Put(
        Guid id, long offset, Caller caller, HttpRequest request, ArtifactDb db, PutPart put, CancellationToken ct)
    {
        if (await FindAsync(db, id, caller, ct) is not { } upload) return ArtifactProblems.UploadUnknown(id);
        if (request.Headers.ContentEncoding.Count > 0) return ArtifactProblems.EncodedBody;
        if (offset < 0 || offset > upload.SizeBytes || request.ContentLength > upload.SizeBytes - offset) return ArtifactProblems.PartOutside(id, upload.SizeBytes, offset);
        return await put.RunAsync(upload, offset, request.Body, ct) switch
        {
            PartOutcome.Stored => TypedResults.NoContent(),
            PartOutcome.TooLong => ArtifactProblems.PartOutside(id, upload.SizeBytes, offset),
            _ => ArtifactProblems.UploadBusy(id),
        };
    }

    private static async Task<Results<Ok<CopiedChunks>, ProblemHttpResult>> Copy(
        Guid id, long offset, Caller caller, HttpRequest request, ArtifactDb db, CopyKnownChunks copy, CancellationToken ct)
    {
        if (await FindAsync(db, id, caller, ct) is not { } upload) return ArtifactProblems.UploadUnknown(id);
        if (await ReadChunksAsync(request, ct) is not { } chunks) return ArtifactProblems.ChunksUnreadable(ChunkList.MaxChunks);
        if (offset < 0 || chunks.Sum(chunk => (long)chunk.SizeBytes) > upload.SizeBytes - offset) return ArtifactProblems.PartOutside(id, upload.SizeBytes, offset);
        return await copy.RunAsync(upload, caller, offset, chunks, ct) switch
        {
            CopyOutcome.Copied copied => TypedResults.Ok(new CopiedChunks(copied.SizeBytes)),
            _ => ArtifactProblems.UploadBusy(id),
        };
    }

    /// <summary>Null: it is no list of chunks.</summary>
    private static async Task<IReadOnlyList<ChunkRef>?> ReadChunksAsync(HttpRequest request, CancellationToken ct)
    {
        var chunks = new List<ChunkRef>();
        var entry = new byte[ChunkList.EntryBytes];
        await using var body = new BufferedStream(request.Body, 64 * 1024);
        while (true)
        {
            var read = await body.ReadAtLeastAsync(entry, entry.Length, throwOnEndOfStream: false, ct);
            if (read == 0) return chunks;
            if (read < entry.Length || chunks.Count == ChunkList.MaxChunks || ChunkList.SizeOf(entry) is < 1 or > ChunkList.MaxChunkBytes) return null;
            chunks.Add(new ChunkRef(XetHash.Read(entry), ChunkList.SizeOf(entry)));
        }
    }

    private static async Task<Results<Ok<UploadView>, ProblemHttpResult>> Complete(
        Guid id, Caller caller, ArtifactDb db, CompleteUpload complete, IOptions<ArtifactOptions> options, HttpResponse response, CancellationToken ct) =>
        await FindAsync(db, id, caller, ct) is { } upload
            ? await CompleteAsync(upload, caller, complete, options.Value, response, ct)
            : ArtifactProblems.UploadUnknown(id);

    private static async Task<Results<Ok<UploadView>, ProblemHttpResult>> CompleteAsync(
        Upload upload, Caller caller, CompleteUpload complete, ArtifactOptions options, HttpResponse response, CancellationToken ct)
    {
        switch (await complete.RunAsync(upload, caller, ct))
        {
            case CompleteOutcome.Completed:
                upload.OffsetBytes = upload.SizeBytes;
                upload.State = UploadState.Complete;
                return TypedResults.Ok(View(upload, options));
            case CompleteOutcome.Incomplete incomplete:
                Tell(response, incomplete.OffsetBytes);
                return ArtifactProblems.UploadIncomplete(upload.Id, upload.SizeBytes, incomplete.OffsetBytes);
            case CompleteOutcome.Mismatch mismatch:
                return ArtifactProblems.HashMismatch(upload.Sha256, mismatch.Actual, upload.SizeBytes);
            case CompleteOutcome.Gone:
                return ArtifactProblems.UploadUnknown(upload.Id);
            default:
                return ArtifactProblems.UploadBusy(upload.Id);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, Caller caller, ArtifactDb db, Spool spool, CancellationToken ct)
    {
        if (await FindAsync(db, id, caller, ct) is null) return ArtifactProblems.UploadUnknown(id);
        using var file = UploadFile.TryHold(spool, id);
        if (file is null) return ArtifactProblems.UploadBusy(id);
        await db.Uploads.Where(upload => upload.Id == id).ExecuteDeleteAsync(ct);
        File.Delete(file.Path);
        return TypedResults.NoContent();
    }

    /// <summary>The caller's own upload, into a repository they may still write.</summary>
    private static async Task<Upload?> FindAsync(ArtifactDb db, Guid id, Caller caller, CancellationToken ct)
    {
        var subject = caller.Subject;
        var upload = await db.Uploads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Subject == subject, ct);
        if (upload is null) return null;
        var repository = await db.Repositories.VisibleTo(caller).AsNoTracking().Include(row => row.Owner)
            .Include(row => row.Grants.Where(grant => grant.UserId == caller.UserId))
            .SingleOrDefaultAsync(row => row.Id == upload.RepositoryId, ct);
        return repository?.RoleOf(caller) >= Role.Contributor ? upload : null;
    }

    private static void Tell(HttpResponse response, long offsetBytes) =>
        response.Headers[OffsetHeader] = offsetBytes.ToString(CultureInfo.InvariantCulture);

    private static UploadView View(Upload upload, ArtifactOptions options, IReadOnlyList<ByteRange>? missing = null) => new(
        upload.Id, upload.Sha256, upload.SizeBytes, upload.OffsetBytes, upload.State == UploadState.Complete, upload.TouchedAt + options.UploadIdleTimeout, missing);
}
