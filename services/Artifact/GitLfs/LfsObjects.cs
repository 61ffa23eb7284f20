using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Contracts;

namespace ZooPlatform.Artifact.GitLfs;

/// <summary>The bytes of objects, at the signed addresses of a batch.</summary>
internal static class LfsObjects
{
    public static void MapLfsObjects(this IEndpointRouteBuilder lfs)
    {
        lfs.MapMethods("/objects/{oid}", ["GET", "HEAD"], Get);
        lfs.MapPut("/objects/{oid}", Put).WithMetadata(new DisableRequestSizeLimitAttribute());
    }

    private static async Task<IResult> Get(string oid, HttpContext context, ArtifactDb db, RedeemCapability redeem, SendBlob send, CancellationToken ct)
    {
        switch (await redeem.RunAsync(context.Request.Query[LfsRoutes.Capability], Verbs.LfsGet, needed: null, ct, oid))
        {
            case RedeemOutcome.Good good when BlobHash.TryParse(oid, out var hash):
                var found = await db.RepositoryBlobs.Where(row => row.RepositoryId == good.Repository.Id && row.Sha256 == oid)
                    .Join(db.Blobs, row => row.Sha256, blob => blob.Sha256, (row, blob) => (long?)blob.SizeBytes).SingleOrDefaultAsync(ct);
                if (found is not { } sizeBytes) return new LfsError(404, "This repository holds no such object.");
                context.Response.Headers.CacheControl = "private, no-store";
                return await send.RunAsync(new SentBlob(hash, sizeBytes, oid), context.Response, ct) ?? LfsError.Damaged(oid);
            case RedeemOutcome.RepositoryUnknown:
                return LfsError.RepositoryUnknown(anonymous: false);
            default:
                return LfsError.CapabilityRefused;
        }
    }

    private static async Task<IResult> Put(string oid, HttpRequest request, RedeemCapability redeem, StoreBlob store, CancellationToken ct)
    {
        switch (await redeem.RunAsync(request.Query[LfsRoutes.Capability], Verbs.LfsPut, Role.Contributor, ct, oid))
        {
            case RedeemOutcome.Good { Capability.SizeBytes: { } sizeBytes } good when BlobHash.TryParse(oid, out var hash):
                if (RefusalOf(request, sizeBytes) is { } refusal) return refusal;
                return await store.RunAsync(good.Repository.Id, good.Caller, hash, request.Body, ct, sizeBytes) switch
                {
                    StoreOutcome.Stored => TypedResults.Ok(),
                    StoreOutcome.Mismatch wrong => new LfsError(422, $"The {wrong.SizeBytes} bytes that arrived have SHA-256 {wrong.Actual}, not {oid}. Nothing was stored."),
                    _ => new LfsError(422, $"The body is longer than the {sizeBytes} bytes that were announced. Nothing was stored."),
                };
            case RedeemOutcome.RepositoryUnknown:
                return LfsError.RepositoryUnknown(anonymous: false);
            default:
                return LfsError.CapabilityRefused;
        }
    }

    /// <summary>Why these bytes are refused before one of them is read; null: they are not.</summary>
    public static LfsError? RefusalOf(HttpRequest request, long sizeBytes)
    {
        if (request.Headers.ContentEncoding.Count > 0) return new LfsError(415, "The body has a Content-Encoding, but objects are taken as they are. Send the bytes themselves.");
        return request.ContentLength is { } length && length != sizeBytes
            ? new LfsError(422, $"The body has {length} bytes, but {sizeBytes} were announced. Nothing was stored.")
            : null;
    }
}
