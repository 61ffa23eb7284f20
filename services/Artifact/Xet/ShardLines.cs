using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ZooPlatform.Artifact.Blobs.S3;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Stores a shard and tells how far it is, a line a second, so that nobody on the way takes a long work for a dead one.</summary>
internal sealed class ShardLines(Stream body, XetAccess.Granted granted, StoreShard store, TimeProvider time, ILogger<StoreShard> logger) : IResult
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_newLine = "\n"u8.ToArray();
    private Progress? _progress;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.ContentType = "application/x-ndjson";
        response.Headers.CacheControl = "no-store";
        var storing = store.RunAsync(granted.Repository.Id, granted.Caller, body, (verified, total) => _progress = new Progress(verified, total), ct);
        try
        {
            while (await Task.WhenAny(storing, Task.Delay(s_pause, time, ct)) != storing && !ct.IsCancellationRequested)
                if (_progress is { } now) await LineAsync(response, new { type = "validating", verified = now.Verified, total = now.Total }, ct);
            await LineAsync(response, LineOf(await storing), ct);
        }
        catch (StoreUnreachableException e) when (response.HasStarted && !ct.IsCancellationRequested)
        {
            logger.StoreUnreachable(httpContext.Request.Method, httpContext.Request.Path, e.Message);
            await LineAsync(response, new { type = "error", message = XetProblems.StoreUnreachableText, retryable = true }, ct);   // the client comes again by itself
        }
        finally
        {
            await storing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);   // it goes on without the client, with what is this request's
        }
    }

    private static object LineOf(StoreShardOutcome outcome) => outcome switch
    {
        StoreShardOutcome.Stored stored => new { type = "result", result = stored.Anything ? 1 : 0 },
        StoreShardOutcome.Refused refused => new { type = "error", message = refused.Reason, retryable = false },
        StoreShardOutcome.NoRoom full => new { type = "error", message = XetProblems.NoRoomText(full.NeededBytes), retryable = false },
        _ => new { type = "error", message = "The zoo could not store this.", retryable = false },
    };

    private static async Task LineAsync(HttpResponse response, object line, CancellationToken ct)
    {
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line), ct);
        await response.Body.WriteAsync(s_newLine, ct);
        await response.Body.FlushAsync(ct);
    }

    private sealed record Progress(int Verified, int Total);
}
