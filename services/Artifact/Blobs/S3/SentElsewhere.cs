using Microsoft.Net.Http.Headers;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>Sends a reader to the object store for the bytes. What protocols tell of the file stays on this answer; the address is a credential, so
/// no cache keeps it and no log has it.</summary>
internal sealed class SentElsewhere(string address, SentBlob blob, EntityTagHeaderValue tag) : IResult
{
    /// <summary>Is this read worth another request, and would the store understand it? It knows nothing of our tags and times, so conditions are
    /// settled here: what asks by them is answered from here.</summary>
    public static bool Fits(SentBlob blob, EntityTagHeaderValue tag, HttpRequest request, S3Options options)
    {
        if (!options.Redirect || blob.FromHere || !HttpMethods.IsGet(request.Method)) return false;
        var headers = request.GetTypedHeaders();
        if (headers.IfRange is not null || headers.IfMatch.Count > 0 || headers.IfModifiedSince is not null || headers.IfUnmodifiedSince is not null) return false;
        if (headers.IfNoneMatch.Any(known => known == EntityTagHeaderValue.Any || known.Compare(tag, useStrongComparison: false))) return false;   // 304
        return BytesOf(blob, request, headers.Range) is var bytes && bytes > 0 && bytes >= options.RedirectFromBytes;
    }

    /// <summary>How a browser is told to save it.</summary>
    public static string DispositionOf(SentBlob blob)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(blob.FileName);
        return disposition.ToString();
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        response.Headers.Location = address;
        response.Headers.CacheControl = "private, no-store";
        response.Headers.ETag = tag.ToString();
        response.Headers.AcceptRanges = "bytes";
        // The hub's clients take these for the file's own where an answer leads elsewhere.
        response.Headers["X-Linked-ETag"] = tag.ToString();
        response.Headers["X-Linked-Size"] = blob.SizeBytes.ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>0: what is asked for is no single range of it.</summary>
    private static long BytesOf(SentBlob blob, HttpRequest request, RangeHeaderValue? range)
    {
        if (request.Headers.Range.Count == 0) return blob.SizeBytes;
        if (range is not { Ranges.Count: 1 } || range.Unit != "bytes") return 0;
        var one = range.Ranges.Single();
        var first = one.From ?? Math.Max(0, blob.SizeBytes - (one.To ?? 0));
        var last = one.From is null ? blob.SizeBytes - 1 : Math.Min(one.To ?? blob.SizeBytes - 1, blob.SizeBytes - 1);
        return Math.Max(0, last - first + 1);
    }
}
