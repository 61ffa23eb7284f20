using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Uploads;

/// <summary>Deletes uploads that gained no byte for long.</summary>
internal sealed class DeleteIdleUploads(ArtifactDb db, Spool spool, RunningHashes hashes, TimeProvider time, IOptions<ArtifactOptions> options, ILogger<DeleteIdleUploads> logger)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Value.UploadIdleTimeout;
        var idle = await db.Uploads.Where(upload => upload.TouchedAt < before).Select(upload => upload.Id).ToListAsync(ct);
        var deleted = 0;
        foreach (var id in idle)
        {
            using var file = UploadFile.TryHold(spool, id);
            if (file is null) continue;   // a request is writing it
            deleted += await db.Uploads.Where(upload => upload.Id == id && upload.TouchedAt < before).ExecuteDeleteAsync(ct);
            if (await db.Uploads.AnyAsync(upload => upload.Id == id, ct)) continue;
            hashes.Forget(id);
            File.Delete(file.Path);
        }
        if (deleted > 0) logger.IdleUploadsDeleted(deleted);
    }
}
