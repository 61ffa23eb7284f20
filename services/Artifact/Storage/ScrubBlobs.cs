using System.Buffers;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Reads a blob at rest and compares its SHA-256. One with other bytes is taken away, so that nothing serves it; whoever pushes the
/// same bytes again mends it.</summary>
internal sealed class ScrubBlobs(ArtifactDb db, BlobStore store, TimeProvider time, IOptions<StorageOptions> options, ILogger<ScrubBlobs> logger)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Reads the blob that was not read for longest, no faster than the option says.</summary>
    /// <returns>False: all were read within the interval.</returns>
    public async Task<bool> RunNextAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Value.ScrubInterval;
        var blob = await db.Blobs.AsNoTracking().Where(row => row.DamagedAt == null && (row.ScrubbedAt == null || row.ScrubbedAt < before))
            .OrderBy(row => row.ScrubbedAt != null).ThenBy(row => row.ScrubbedAt).FirstOrDefaultAsync(ct);
        if (blob is null || !BlobHash.TryParse(blob.Sha256, out var hash)) return false;

        using var file = TakenFile.TryHold(store, hash);
        var actual = file is null ? "(no file)" : await HashAsync(file, ct);
        var now = time.GetUtcNow();
        if (actual == blob.Sha256)
        {
            await db.Database.ExecuteSqlAsync($"update blobs set scrubbed_at = {now} where sha256 = {blob.Sha256}", ct);
            return true;
        }
        var folders = new StoreFolders(store);
        var place = file?.TakeTo(folders.Damaged);
        if (place is null && file is not null) return true;   // the bytes came anew while they were read
        // Only while its file is gone: what was pushed meanwhile is whole, and what a sweep deleted is no loss.
        if (store.Holds(hash, blob.SizeBytes)) return true;
        var rows = await db.Database.ExecuteSqlAsync($"update blobs set damaged_at = {now} where sha256 = {blob.Sha256} and kept_at = {blob.KeptAt}", ct);
        if (rows == 1) logger.BlobRotten(blob.Sha256, blob.SizeBytes, actual, place ?? "(none)");
        return true;
    }

    private async Task<string> HashAsync(TakenFile file, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var (begun, offset) = (time.GetTimestamp(), 0L);
        try
        {
            while (true)
            {
                var count = await RandomAccess.ReadAsync(file.Handle, buffer.AsMemory(0, BufferBytes), offset, ct);
                if (count == 0) return Convert.ToHexStringLower(hash.GetHashAndReset());
                hash.AppendData(buffer, 0, count);
                offset += count;
                var ahead = TimeSpan.FromSeconds((double)offset / Math.Max(1, options.Value.ScrubBytesPerSecond)) - time.GetElapsedTime(begun);
                if (ahead > TimeSpan.FromMilliseconds(20)) await Task.Delay(ahead, time, ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
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
