using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Stores a shard and tells how far it is, a line at a time, so that nobody on the way takes a long work for a dead one.</summary>
internal sealed class ShardLines(Stream body, XetAccess.Granted granted, StoreShard store, TimeProvider time) : IResult
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_newLine = "\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.ContentType = "application/x-ndjson";
        response.Headers.CacheControl = "no-store";
        var last = time.GetTimestamp();
        var outcome = await store.RunAsync(granted.Repository.Id, granted.Caller, body, async (verified, total) =>
        {
            if (time.GetElapsedTime(last) < s_pause) return;
            last = time.GetTimestamp();
            await LineAsync(response, new { type = "validating", verified, total }, ct);
        }, ct);
        await LineAsync(response, outcome switch
        {
            StoreShardOutcome.Stored stored => new { type = "result", result = stored.Anything ? 1 : 0 },
            StoreShardOutcome.Refused refused => new { type = "error", message = refused.Reason, retryable = false },
            StoreShardOutcome.NoRoom full => new { type = "error", message = XetProblems.NoRoomText(full.NeededBytes), retryable = false },
            _ => (object)new { type = "error", message = "The zoo could not store this.", retryable = false },
        }, ct);
    }

    private static async Task LineAsync(HttpResponse response, object line, CancellationToken ct)
    {
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line), ct);
        await response.Body.WriteAsync(s_newLine, ct);
        await response.Body.FlushAsync(ct);
    }
}
