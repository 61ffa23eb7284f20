using System.Net;
using Amazon.Runtime;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>The object store cannot be reached, or refuses what was asked.</summary>
internal sealed class StoreUnreachableException(string reason, Exception inner) : Exception($"The object store cannot be used: {reason}", inner)
{
    public HttpStatusCode? Status => (InnerException as AmazonServiceException)?.StatusCode;

    public string? Code => (InnerException as AmazonServiceException)?.ErrorCode;

    /// <summary>There is no such object; the bucket is there.</summary>
    public bool IsMissing => Status == HttpStatusCode.NotFound && Code is "NoSuchKey" or "NotFound";
}

/// <summary>Answers while the store is out of reach, and when a blob turns out to be lost after everything else was settled.</summary>
internal sealed class RefuseWithoutStore(ILogger<RefuseWithoutStore> logger) : Microsoft.AspNetCore.Diagnostics.IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not (StoreUnreachableException or BlobLostException) || httpContext.RequestAborted.IsCancellationRequested) return false;
        if (exception is StoreUnreachableException) logger.StoreUnreachable(httpContext.Request.Method, httpContext.Request.Path, exception.Message);
        var route = httpContext.Features.Get<Microsoft.AspNetCore.Diagnostics.IExceptionHandlerFeature>()?.Endpoint;
        await httpContext.RefuseAsync(exception is StoreUnreachableException ? ArtifactProblems.StoreUnreachable : ArtifactProblems.BlobLost,
            route?.Metadata.OfType<ErrorShape>().LastOrDefault() ?? ErrorShape.Problem);
        return true;
    }
}
