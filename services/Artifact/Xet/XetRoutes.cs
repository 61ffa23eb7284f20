using Microsoft.AspNetCore.Mvc;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Xet;

/// <summary>What Xet's clients call its content-addressed store. What is not offered answers 404: to them everything else ends the upload.</summary>
internal static class XetRoutes
{
    public static void MapXet(this IEndpointRouteBuilder routes)
    {
        var xet = routes.MapGroup("/xet").RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Hub).ExcludeFromDescription();
        xet.MapPost("/v1/xorbs/default/{hash}", PutXorb).WithMetadata(new DisableRequestSizeLimitAttribute());
        xet.MapPost("/v1/shards", PutShard).WithMetadata(new DisableRequestSizeLimitAttribute());
        xet.MapPost("/v2/shards", PutShardTelling).WithMetadata(new DisableRequestSizeLimitAttribute());
        foreach (var prefix in new[] { "default", "default-merkledb" }) xet.MapGet($"/v1/chunks/{prefix}/{{hash}}", GetChunk);   // clients say the first, documents the second
        xet.MapReconstructions();
        xet.Map("/{**rest}", () => XetProblems.RouteUnknown);
    }

    private static async Task<IResult> PutXorb(string hash, HttpRequest request, XetAccess access, StoreXorb store, CancellationToken ct)
    {
        var (granted, refusal) = await access.WriteAsync(request, ct);
        if (granted is null) return refusal!;
        if (!XetHash.TryParse(hash, out var xorb)) return XetProblems.HashInvalid;
        if (request.ContentLength > XorbReader.MaxBytes) return XetProblems.XorbTooLarge;
        try
        {
            return await store.RunAsync(granted.Repository.Id, granted.Caller, xorb, request.Body, request.ContentLength, ct) switch
            {
                // Always as if it were new: who sends the bytes need not learn whether another has them.
                StoreXorbOutcome.Stored => TypedResults.Json(new { was_inserted = true }),
                StoreXorbOutcome.Refused refused => XetProblems.BodyRefused(refused.Reason),
                var other => throw new InvalidOperationException($"Nobody answers {other}."),
            };
        }
        catch (OverQuotaException e)
        {
            return XetProblems.OverQuota(e);
        }
    }

    private static async Task<IResult> PutShard(HttpRequest request, XetAccess access, StoreShard store, CancellationToken ct)
    {
        var (granted, refusal) = await access.WriteAsync(request, ct);
        if (granted is null) return refusal!;
        if (request.ContentLength > ShardReader.MaxBytes) return XetProblems.ShardTooLarge;
        return await store.RunAsync(granted.Repository.Id, granted.Caller, request.Body, (_, _) => { }, ct) switch
        {
            StoreShardOutcome.Stored stored => TypedResults.Json(new { result = stored.Anything ? 1 : 0 }),
            StoreShardOutcome.Refused refused => XetProblems.BodyRefused(refused.Reason),
            StoreShardOutcome.NoRoom full => XetProblems.NoRoom(full.NeededBytes),
            var other => throw new InvalidOperationException($"Nobody answers {other}."),
        };
    }

    /// <summary>The same, one JSON object a line as it goes on; the last line is the outcome, whose text the native client shows.</summary>
    private static async Task<IResult> PutShardTelling(HttpRequest request, XetAccess access, StoreShard store, TimeProvider time, ILogger<StoreShard> logger, CancellationToken ct)
    {
        var (granted, refusal) = await access.WriteAsync(request, ct);
        if (granted is null) return refusal!;
        if (request.ContentLength > ShardReader.MaxBytes) return XetProblems.ShardTooLarge;
        return new ShardLines(request.Body, granted, store, time, logger);
    }

    private static async Task<IResult> GetChunk(string hash, HttpRequest request, XetAccess access, DescribeChunk describe, CancellationToken ct)
    {
        var (granted, refusal) = await access.ReadAsync(request, ct);
        if (granted is null) return refusal!;
        if (!XetHash.TryParse(hash, out var chunk)) return XetProblems.HashInvalid;
        return await describe.RunAsync(granted.Repository.Id, granted.Caller, chunk, ct) is { } shard
            ? TypedResults.Bytes(shard.WrittenMemory, "application/octet-stream")
            : XetProblems.ChunkUnknown;
    }
}
