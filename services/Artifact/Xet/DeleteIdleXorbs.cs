using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Deletes xorbs that no shard used for as long as an upload may be idle, and what is known of xorbs that nothing holds.</summary>
internal sealed class DeleteIdleXorbs(
    IServiceScopeFactory scopes, Spool spool, TimeProvider time, IOptions<ArtifactOptions> options, ILogger<DeleteIdleXorbs> logger) : BackgroundService
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
                logger.DeletingXorbsBroke(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task RunOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        var before = time.GetUtcNow() - options.Value.UploadIdleTimeout;
        var deleted = await db.XorbUploads.Where(row => row.ReceivedAt < before).ExecuteDeleteAsync(ct);
        await db.Database.ExecuteSqlAsync($"""
            delete from xorbs where not exists (select from xorb_uploads where xorb = xorbs.hash) and not exists (select from xorb_runs where xorb = xorbs.hash)
            """, ct);
        // A file without a row: its row was deleted here or by a shard, or a crash came between the two.
        foreach (var file in new DirectoryInfo(spool.Xorbs).EnumerateFiles().Where(file => file.LastWriteTimeUtc < before.UtcDateTime))
            if (!Guid.TryParse(file.Name, out var id) || !await db.XorbUploads.AnyAsync(row => row.File == id, ct)) file.Delete();
        if (deleted > 0) logger.IdleXorbsDeleted(deleted);
    }
}
