using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <summary>A xorb's chunks, and where their bytes are: in a file that the caller sent, or in blobs that they may read.</summary>
/// <param name="Chunks">The list as stored.</param>
/// <param name="File">Null: the bytes are in blobs.</param>
/// <param name="StoredAt">Where each chunk's head is in the file.</param>
/// <param name="Places">Where each chunk is, when not in the file; null: the caller may read it nowhere.</param>
internal sealed record UsableXorb(XetHash Hash, byte[] Packed, string? File, int[] StoredAt, ChunkPlace?[] Places)
{
    public PackedChunks Chunks => new(Packed);

    public bool Has(int chunk) => File is not null || Places[chunk] is not null;
}

/// <summary>Finds what a hash of a xorb stands for, to this caller.</summary>
/// <remarks>
/// 1. One that they sent for this repository. 2. A run of a blob that they may use, which is called so. 3. One that was sent once, by
/// whomever, and whose chunks are now in blobs that they may use. To them there is no other.
/// </remarks>
internal sealed class FindXorb(ArtifactDb db, Spool spool)
{
    private const int MaxKept = 8;
    private readonly Queue<(Guid RepositoryId, XetHash Hash, UsableXorb Xorb)> _kept = [];

    /// <returns>Null: to this caller there is none.</returns>
    public async Task<UsableXorb?> RunAsync(Guid repositoryId, Caller caller, XetHash hash, CancellationToken ct)
    {
        foreach (var (keptFor, keptHash, kept) in _kept)
            if (keptFor == repositoryId && keptHash == hash && (kept.File is null || File.Exists(kept.File))) return kept;   // another shard may have used it up
        var xorb = await SentAsync(repositoryId, caller, hash, ct) ?? await InBlobsAsync(repositoryId, caller, hash, ct);
        if (xorb is null) return null;
        if (_kept.Count == MaxKept) _kept.Dequeue();
        _kept.Enqueue((repositoryId, hash, xorb));
        return xorb;
    }

    /// <summary>Steps 2 and 3: as it is without the caller's own file.</summary>
    public async Task<UsableXorb?> InBlobsAsync(Guid repositoryId, Caller caller, XetHash hash, CancellationToken ct)
    {
        // 2
        var bytes = hash.ToBytes();
        var usable = db.UsableBlobs(repositoryId, caller);
        var run = await db.ChunkRuns.AsNoTracking().Where(run => run.Xorb == bytes && usable.Any(blob => blob.Sha256 == run.Sha256)).FirstOrDefaultAsync(ct);
        if (run is not null) return new UsableXorb(hash, run.Chunks, null, [], Places(run.Chunks, [run]));
        // 3
        if (await db.Xorbs.AsNoTracking().SingleOrDefaultAsync(xorb => xorb.Hash == bytes, ct) is not { } sent) return null;
        var holding = await db.XorbRuns.Where(held => held.Xorb == bytes && usable.Any(blob => blob.Sha256 == held.Sha256))
            .Join(db.ChunkRuns, held => new { held.Sha256, held.Run }, run => new { run.Sha256, run.Run }, (_, run) => run)
            .AsNoTracking().OrderBy(run => run.Sha256).ThenBy(run => run.Run).Take(XorbReader.MaxChunks).ToListAsync(ct);   // as they lie: chunks in a row are then one range
        return holding.Count == 0 ? null : new UsableXorb(hash, sent.Chunks, null, [], Places(sent.Chunks, holding));
    }

    private async Task<UsableXorb?> SentAsync(Guid repositoryId, Caller caller, XetHash hash, CancellationToken ct)
    {
        // 1
        var (bytes, subject) = (hash.ToBytes(), caller.Subject);
        var sent = await db.XorbUploads.Where(row => row.RepositoryId == repositoryId && row.Subject == subject && row.Xorb == bytes)
            .Join(db.Xorbs, row => row.Xorb, xorb => xorb.Hash, (row, xorb) => new { row.File, xorb.Chunks }).AsNoTracking().SingleOrDefaultAsync(ct);
        if (sent is null || !File.Exists(spool.XorbOf(sent.File))) return null;
        var path = spool.XorbOf(sent.File);
        return new UsableXorb(hash, sent.Chunks, path, HeadsOf(path, new PackedChunks(sent.Chunks).Count), []);
    }

    private static int[] HeadsOf(string path, int count)
    {
        using var file = File.OpenHandle(path);
        var heads = new int[count];
        Span<byte> head = stackalloc byte[XorbChunkHead.Bytes];
        for (var (i, at) = (0, 0); i < count; i++)
        {
            heads[i] = at;
            if (RandomAccess.Read(file, head, at) < head.Length) throw new EndOfStreamException($"The xorb's file {path} was cut.");
            at += XorbChunkHead.Bytes + XorbChunkHead.Read(head).StoredBytes;
        }
        return heads;
    }

    private static ChunkPlace?[] Places(byte[] packed, IReadOnlyList<ChunkRun> runs)
    {
        var chunks = new PackedChunks(packed);
        var wanted = Enumerable.Range(0, chunks.Count).Select(i => chunks.HashOf(i)).ToArray();
        var found = wanted.Distinct().ToDictionary(hash => hash, _ => (ChunkPlace?)null);
        foreach (var run in runs)
        {
            if (!BlobHash.TryParse(run.Sha256, out var blob)) continue;
            var (there, offset) = (new PackedChunks(run.Chunks), run.OffsetBytes);
            for (var i = 0; i < there.Count; i++)
            {
                if (found.TryGetValue(there.HashOf(i), out var known) && known is null) found[there.HashOf(i)] = new ChunkPlace(blob, offset);
                offset += there.LengthOf(i);
            }
        }
        return Array.ConvertAll(wanted, hash => found[hash]);
    }
}
