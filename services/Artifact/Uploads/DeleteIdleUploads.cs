using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Uploads;

/// <summary>Deletes uploads that gained no byte for long, and files that no request and no upload owns any more.</summary>
internal sealed class DeleteIdleUploads(
    IServiceScopeFactory scopes, Spool spool, RunningHashes hashes, TimeProvider time, IOptions<ArtifactOptions> options, ILogger<DeleteIdleUploads> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period, time);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.DeletingUploadsBroke(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task RunOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
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
        var forgotten = await DeleteForgottenAsync(db, before, ct);
        if (deleted + forgotten > 0) logger.IdleUploadsDeleted(deleted, forgotten);
    }

    private async Task<int> DeleteForgottenAsync(ArtifactDb db, DateTimeOffset before, CancellationToken ct)
    {
        var old = new DirectoryInfo(spool.Temporary).EnumerateFiles().Concat(new DirectoryInfo(spool.Uploads).EnumerateFiles())
            .Where(file => file.LastWriteTimeUtc < before.UtcDateTime).ToList();
        var deleted = 0;
        foreach (var file in old)
        {
            if (Guid.TryParse(file.Name, out var id) && await db.Uploads.AnyAsync(upload => upload.Id == id, ct)) continue;
            file.Delete();
            deleted++;
        }
        return deleted;
    }
}
