using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Uploads;
using ZooPlatform.Contracts;

namespace ZooPlatform.Artifact.GitLfs;

/// <summary>Multipart upload as Hugging Face clients do it: parts by PUT in any order and at once, then a POST that ends it. Both at signed
/// addresses; behind them is an upload like any other.</summary>
internal static class LfsParts
{
    /// <summary>Clients repeat what a proxy gave up on, but wait for nothing else: less than the proxy's five minutes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    public static void MapLfsParts(this IEndpointRouteBuilder lfs)
    {
        lfs.MapPut("/objects/{oid}/parts/{upload:guid}/{offset:long}", Put).WithMetadata(new DisableRequestSizeLimitAttribute());
        lfs.MapPost("/objects/{oid}/parts/{upload:guid}", Complete);
    }

    private static async Task<IResult> Put(
        string oid, Guid upload, long offset, HttpContext context, RedeemCapability redeem, ArtifactDb db, PutPart put, CancellationToken ct)
    {
        var outcome = await redeem.RunAsync(context.Request.Query[LfsRoutes.Capability], Verbs.LfsPart, Role.Contributor, ct, oid, part: offset);
        var (found, good, refusal) = await FindAsync(outcome, oid, upload, db, ct);
        if (found is null) return refusal!;
        var lengthBytes = good!.Capability.SizeBytes ?? 0;
        if (LfsObjects.RefusalOf(context.Request, lengthBytes) is { } wrong) return wrong;
        switch (await put.RunAsync(found, offset, context.Request.Body, ct, endBytes: offset + lengthBytes))
        {
            case PartOutcome.Stored stored when stored.SizeBytes == lengthBytes || found.State == UploadState.Complete:
                context.Response.Headers.ETag = $"\"{upload:N}-{offset}\"";
                return TypedResults.Ok();
            case PartOutcome.Busy:
                return BeingCompleted(context.Response);
            default:
                return new LfsError(422, $"The part has {lengthBytes} bytes; the body had more or fewer. Send it again.");
        }
    }

    private static async Task<IResult> Complete(
        string oid, Guid upload, HttpContext context, RedeemCapability redeem, ArtifactDb db, CompleteUpload complete, CancellationToken ct)
    {
        var outcome = await redeem.RunAsync(context.Request.Query[LfsRoutes.Capability], Verbs.LfsComplete, Role.Contributor, ct, oid);
        var (found, good, refusal) = await FindAsync(outcome, oid, upload, db, ct);
        if (found is null) return refusal!;
        // Which parts there are is known here; what the client lists says no more.
        return await complete.RunAsync(found, good!.Caller, ct, s_patience) switch
        {
            CompleteOutcome.Completed => TypedResults.Json(new { oid, size = found.SizeBytes }),
            CompleteOutcome.Mismatch wrong => new LfsError(422, $"The parts make a file with SHA-256 {wrong.Actual}, not {oid}. Nothing was stored."),
            CompleteOutcome.Incomplete => new LfsError(422, "Not all parts have arrived. Send those that are missing, then complete it."),
            CompleteOutcome.Gone => UploadUnknown,
            _ => BeingCompleted(context.Response),
        };
    }

    /// <summary>Not 409: clients of Hugging Face repeat 503 and give up at everything else.</summary>
    private static LfsError BeingCompleted(HttpResponse response)
    {
        response.Headers.RetryAfter = "10";
        return new LfsError(503, "The upload is being completed, or a part is still on its way in. Nothing is lost: ask again in a while.");
    }

    private static LfsError UploadUnknown => new(404, "There is no such upload of yours; it may have been idle for too long. Ask for new addresses by the batch call.");

    /// <summary>The caller's own upload of this object into this repository.</summary>
    private static async Task<(Upload? Upload, RedeemOutcome.Good? Good, LfsError? Refusal)> FindAsync(
        RedeemOutcome outcome, string oid, Guid id, ArtifactDb db, CancellationToken ct)
    {
        if (outcome is not RedeemOutcome.Good good)
            return (null, null, outcome is RedeemOutcome.RepositoryUnknown ? LfsError.RepositoryUnknown(anonymous: false) : LfsError.CapabilityRefused);
        var (repositoryId, subject) = (good.Repository.Id, good.Caller.Subject);
        var upload = await db.Uploads.AsNoTracking().SingleOrDefaultAsync(
            row => row.Id == id && row.RepositoryId == repositoryId && row.Subject == subject && row.Sha256 == oid, ct);
        return upload is null ? (null, null, UploadUnknown) : (upload, good, null);
    }
}
