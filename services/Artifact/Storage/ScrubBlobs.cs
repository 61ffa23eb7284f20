using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Reads blobs at rest and compares their SHA-256. One with other bytes is taken away, so that nothing serves it; whoever pushes the
/// same bytes again mends it.</summary>
internal sealed class ScrubBlobs(ArtifactDb db, IBlobStore store, TimeProvider time, IOptions<StorageOptions> options, ILogger<ScrubBlobs> logger)
{
    /// <summary>So many blobs are asked for, and noted as sound, at once.</summary>
    public const int Batch = 100;

    /// <summary>A small blob costs as much as so many bytes. At 8 MiB a second a million of them are read in half an hour.</summary>
    public const long LeastBytes = 16 * 1024;

    /// <summary>With so many bytes a batch ends: a kill makes no more be read again.</summary>
    private const long BatchBytes = 64 * 1024 * 1024;

    /// <summary>Reads the blobs that were not read for longest, no faster than the option says.</summary>
    /// <returns>False: all were read within the interval.</returns>
    public async Task<bool> RunBatchAsync(CancellationToken ct)
    {
        var due = await DueAsync(ct);
        var (begun, bytes, sound) = (time.GetTimestamp(), 0L, new List<string>());
        Exception? broke = null;
        foreach (var blob in due)
        {
            if (bytes >= BatchBytes) break;
            try
            {
                if (BlobHash.TryParse(blob.Sha256, out var hash) && await IsSoundAsync(blob, hash, read => KeepPaceAsync(begun, bytes + read, ct), ct)) sound.Add(blob.Sha256);
            }
            catch (IOException e)
            {
                broke = e;   // the disk refuses this one: it comes again, behind the others
            }
            bytes += Math.Max(blob.SizeBytes, LeastBytes);
            await KeepPaceAsync(begun, bytes, ct);
        }
        var (hashes, now) = (sound.ToArray(), time.GetUtcNow());
        if (hashes.Length > 0) await db.Database.ExecuteSqlAsync($"update blobs set scrubbed_at = {now} where sha256 = any({hashes})", ct);
        if (broke is not null) logger.ScrubBroke(broke.Message);
        return sound.Count > 0 || (due.Count > 0 && broke is null);
    }

    /// <summary>Reads one blob now, as fast as it goes: somebody found it wrong.</summary>
    public async Task RunOneAsync(BlobHash hash, CancellationToken ct)
    {
        if (await db.Blobs.AsNoTracking().SingleOrDefaultAsync(blob => blob.Sha256 == hash.Value && blob.DamagedAt == null, ct) is { } blob)
            await IsSoundAsync(blob, hash, _ => default, ct);
    }

    // Each of the two walks along the index: a sort of all blobs for every hundred would cost more than reading them.
    private async Task<IReadOnlyList<Blob>> DueAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Value.ScrubInterval;
        var never = await db.Blobs.FromSql($"select * from blobs where scrubbed_at is null and damaged_at is null limit {Batch}").AsNoTracking().ToListAsync(ct);
        return never.Count > 0 ? never : await db.Blobs.FromSql(
            $"select * from blobs where scrubbed_at < {before} and damaged_at is null order by scrubbed_at nulls first limit {Batch}").AsNoTracking().ToListAsync(ct);
    }

    /// <summary>Reads one; a damaged one is noted at once, by itself.</summary>
    private async Task<bool> IsSoundAsync(Blob blob, BlobHash hash, Func<long, ValueTask> pace, CancellationToken ct)
    {
        var found = await store.ScrubAsync(new BlobRef(hash, blob.SizeBytes), pace, ct);
        if (found is AtRest.Damaged) Failpoint.Reach("scrub.found");
        if (found is AtRest.Damaged damaged && await db.NoteDamagedAsync(blob, time.GetUtcNow(), ct))
            logger.BlobRotten(blob.Sha256, blob.SizeBytes, damaged.Actual, damaged.Place ?? "(none)");
        return found is AtRest.Sound;
    }

    private async ValueTask KeepPaceAsync(long begun, long bytes, CancellationToken ct)
    {
        var ahead = TimeSpan.FromSeconds((double)bytes / Math.Max(1, options.Value.ScrubBytesPerSecond)) - time.GetElapsedTime(begun);
        if (ahead > TimeSpan.FromMilliseconds(20)) await Task.Delay(ahead, time, ct);
    }
}

/// <summary>Reads blobs for damage, all the time, slowly.</summary>
internal sealed class ScrubSlowly(IServiceScopeFactory scopes, TimeProvider time, IOptions<StorageOptions> options, ILogger<ScrubSlowly> logger) : BackgroundService
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(1);

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
                more = await scope.ServiceProvider.GetRequiredService<ScrubBlobs>().RunBatchAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.ScrubBroke(e.Message);
            }
            if (!more) await Task.Delay(s_rest, time, stoppingToken);
        }
    }
}

/// <summary>Reads at once what was found wrong when it was read for somebody.</summary>
internal sealed class ScrubSuspects(Suspects suspects, IServiceScopeFactory scopes, ILogger<ScrubSuspects> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var blob in suspects.Blobs.ReadAllAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<ScrubBlobs>().RunOneAsync(blob, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.ScrubBroke(e.Message);
            }
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
