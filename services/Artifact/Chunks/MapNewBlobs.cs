using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>Maps blobs that nobody has mapped yet, one after the other, behind everybody's back: a push waits for it never. Text that git keeps
/// itself and what is smaller than a chunk is not worth it.</summary>
internal sealed class MapNewBlobs(
    JobSignal<MapNewBlobs> signal, IServiceScopeFactory scopes, IBlobStore store, TimeProvider time, ILogger<MapNewBlobs> logger) : BackgroundService
{
    public const long MinBytes = 64 * 1024;

    private const int AtOnce = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_again = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, DateTimeOffset> _missed = new(StringComparer.Ordinal);   // since when; a sweep may hold a file for a moment and put it back

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var mapped = 0;
            try
            {
                mapped = await RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.MappingChunksBroke(e.Message);
            }
            if (mapped == 0) await signal.WaitAsync(_missed.Count > 0 ? s_again : s_patience, stoppingToken);
        }
    }

    /// <returns>How many were mapped; there may be more.</returns>
    private async Task<int> RunOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        var save = scope.ServiceProvider.GetRequiredService<SaveChunkMap>();
        var waiting = await db.Blobs.AsNoTracking().Where(blob => blob.XetHash == null && !blob.Plain && blob.SizeBytes >= MinBytes && blob.DamagedAt == null)
            .OrderBy(blob => blob.CreatedAt).Take(AtOnce).ToListAsync(ct);
        foreach (var gone in _missed.Keys.Except(waiting.Select(blob => blob.Sha256)).ToList()) _missed.Remove(gone);   // swept, or here again
        var mapped = 0;
        foreach (var blob in waiting)
        {
            await using var content = BlobHash.TryParse(blob.Sha256, out var hash) ? await store.OpenAsync(new BlobRef(hash, blob.SizeBytes), ct) : null;
            if (content is null || hash is null)
            {
                await NoteMissedAsync(db, blob, ct);
                continue;
            }
            if (await MapAsync(hash, content, db, save, ct)) mapped++;
        }
        return mapped;
    }

    /// <summary>Lost, if it is missing still when it is looked for again: then it waits until the same bytes come anew.</summary>
    private async Task NoteMissedAsync(ArtifactDb db, Blob blob, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (_missed.TryAdd(blob.Sha256, now) || now - _missed[blob.Sha256] < s_again) return;
        if (await db.NoteDamagedAsync(blob, now, ct)) logger.BlobDamaged(blob.Sha256, blob.SizeBytes);
        _missed.Remove(blob.Sha256);
    }

    /// <returns>False: it was swept meanwhile.</returns>
    private static async Task<bool> MapAsync(BlobHash hash, Stream content, ArtifactDb db, SaveChunkMap save, CancellationToken ct)
    {
        var map = await ChunkMap.OfAsync(content, sha256: null, patient: true, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var there = await db.Database.SqlQuery<string>($"select sha256 as \"Value\" from blobs where sha256 = {hash.Value} for key share").ToListAsync(ct);
        if (there.Count == 0) return false;
        await save.RunAsync(hash, map, ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
