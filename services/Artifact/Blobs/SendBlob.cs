using Microsoft.Net.Http.Headers;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Blobs;

/// <param name="FileName">What a browser saves it as.</param>
/// <param name="At">Since when the reader could have it; never when the bytes were first stored: that would tell of others who have the same.</param>
/// <param name="ETag">Without quotes; null: the SHA-256.</param>
internal sealed record SentBlob(BlobHash Hash, long SizeBytes, string FileName, DateTimeOffset? At = null, string? ETag = null, string ContentType = "application/octet-stream");

/// <summary>Answers a blob's bytes, whatever the protocol, to a reader whose right to them is settled: whole or one range, conditional,
/// always as a file to save, never as a page.</summary>
internal sealed class SendBlob(BlobStore store, ILogger<SendBlob> logger)
{
    /// <returns>Null: the file is lost or cut; the protocol says so in its own words, and nothing of it is served.</returns>
    public IResult? Of(SentBlob blob, HttpResponse response)
    {
        if (!store.Holds(blob.Hash, blob.SizeBytes))
        {
            logger.BlobDamaged(blob.Hash.Value, blob.SizeBytes);
            return null;
        }
        response.OnCompleted(() =>
        {
            if (HttpMethods.IsGet(response.HttpContext.Request.Method)) Measures.BlobSent(response.ContentLength ?? 0);
            return Task.CompletedTask;
        });
        HandOver.Use(response, store);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(blob.Hash.Value))}:";
        return TypedResults.PhysicalFile(store.PathOf(blob.Hash), blob.ContentType, blob.FileName, blob.At,
            new EntityTagHeaderValue($"\"{blob.ETag ?? blob.Hash.Value}\""), enableRangeProcessing: true);
    }
}
