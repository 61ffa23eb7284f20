using Microsoft.AspNetCore.Diagnostics;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact;

/// <summary>Answers a full disk as what it is; everything else goes on to the shared handler.</summary>
internal sealed class DiskOutages(ILogger<DiskOutages> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        if (exception is not IOException io || !Disk.IsFull(io)) return false;
        logger.DiskFull(context.Request.Method, context.Request.Path);
        await ArtifactProblems.DiskFull.ExecuteAsync(context);
        return true;
    }
}
