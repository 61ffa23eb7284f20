using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Reads a blob at rest and compares its SHA-256. One with other bytes is taken away, so that nothing serves it; whoever pushes the
/// same bytes again mends it.</summary>
internal sealed class ScrubBlobs(ArtifactDb db, IBlobStore store, TimeProvider time, IOptions<StorageOptions> options, ILogger<ScrubBlobs> logger)
{
    /// <summary>Reads the blob that was not read for longest, no faster than the option says.</summary>
    /// <returns>False: all were read within the interval.</returns>
    public async Task<bool> RunNextAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Value.ScrubInterval;
        var blob = await db.Blobs.AsNoTracking().Where(row => row.DamagedAt == null && (row.ScrubbedAt == null || row.ScrubbedAt < before))
            .OrderBy(row => row.ScrubbedAt != null).ThenBy(row => row.ScrubbedAt).FirstOrDefaultAsync(ct);
        if (blob is null || !BlobHash.TryParse(blob.Sha256, out var hash)) return false;

        var begun = time.GetTimestamp();
        var found = await store.ScrubAsync(new BlobRef(hash, blob.SizeBytes), async read =>
        {
            var ahead = TimeSpan.FromSeconds((double)read / Math.Max(1, options.Value.ScrubBytesPerSecond)) - time.GetElapsedTime(begun);
            if (ahead > TimeSpan.FromMilliseconds(20)) await Task.Delay(ahead, time, ct);
        }, ct);
        var now = time.GetUtcNow();
        switch (found)
        {
            case AtRest.Sound:
                await db.Database.ExecuteSqlAsync($"update blobs set scrubbed_at = {now} where sha256 = {blob.Sha256}", ct);
                break;
            case AtRest.Damaged damaged:
                // Only what did not come anew: what was pushed meanwhile is whole, and what a sweep deleted is no loss.
                var rows = await db.Database.ExecuteSqlAsync($"update blobs set damaged_at = {now} where sha256 = {blob.Sha256} and kept_at = {blob.KeptAt}", ct);
                if (rows == 1) logger.BlobRotten(blob.Sha256, blob.SizeBytes, damaged.Actual, damaged.Place ?? "(none)");
                break;
        }
        return true;
    }
}

/// <summary>Reads one blob after the other for damage, all the time, slowly.</summary>
internal sealed class ScrubSlowly(IServiceScopeFactory scopes, TimeProvider time, IOptions<StorageOptions> options, ILogger<ScrubSlowly> logger) : BackgroundService
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(50);   // small blobs cost more than their bytes

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ScrubBytesPerSecond == 0) return;
        await Task.Delay(s_rest, time, stoppingToken);
        while (true)
        {
            var more = false;
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                more = await scope.ServiceProvider.GetRequiredService<ScrubBlobs>().RunNextAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.ScrubBroke(e.Message);
            }
            await Task.Delay(more ? s_breath : s_rest, time, stoppingToken);
        }
    }
}

/// <summary>Degraded while blobs are damaged that nobody pushed again.</summary>
internal sealed class DamagedBlobs(ArtifactDb db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var damaged = await db.Blobs.CountAsync(blob => blob.DamagedAt != null, cancellationToken);
        return damaged == 0 ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"{damaged} blobs are damaged at rest and not served; event 2034 in the log names each. Push them again, or restore them from a backup.");
    }
}
