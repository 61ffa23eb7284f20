using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Blobs;

/// <param name="FileName">What a browser saves it as.</param>
/// <param name="At">Since when the reader could have it; never when the bytes were first stored: that would tell of others who have the same.</param>
/// <param name="ETag">Without quotes; null: the SHA-256.</param>
/// <param name="FromHere">The reader follows nobody to an object store: it is a service.</param>
internal sealed record SentBlob(BlobHash Hash, long SizeBytes, string FileName, DateTimeOffset? At = null, string? ETag = null, string ContentType = "application/octet-stream",
    bool FromHere = false)
{
    public string Tag => ETag ?? Hash.Value;
}

/// <summary>Answers a blob's bytes, whatever the protocol, to a reader whose right to them is settled: whole or one range, conditional,
/// always as a file to save, never as a page.</summary>
internal sealed class SendBlob(IBlobStore store, ILogger<SendBlob> logger)
{
    /// <returns>Null: the bytes are lost or cut; the protocol says so in its own words, and nothing of them is served.</returns>
    public async Task<IResult?> RunAsync(SentBlob blob, HttpResponse response, CancellationToken ct)
    {
        var result = await store.SendAsync(blob, response, ct);
        if (result is null)
        {
            logger.BlobDamaged(blob.Hash.Value, blob.SizeBytes);
            return null;
        }
        response.OnCompleted(() =>
        {
            if (HttpMethods.IsGet(response.HttpContext.Request.Method)) Measures.BlobSent(response.ContentLength ?? 0);
            return Task.CompletedTask;
        });
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(blob.Hash.Value))}:";
        return result;
    }
}
