using System.Buffers;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Archives;

/// <summary>The CRC-32 of blobs: kept ones are read at once, the others are computed when an archive comes to them, and kept unless that
/// takes longer than to compute them again.</summary>
internal sealed class FindCrcs(ArtifactDb db, IBlobStore store)
{
    private const int BufferBytes = 256 * 1024;
    private const long KeptBytes = 1024 * 1024;
    private Dictionary<string, uint>? _known;

    /// <param name="files">All of the archive.</param>
    public Func<BlobHash, long, CancellationToken, ValueTask<uint>> Of(IReadOnlyList<KitFile> files) => async (hash, sizeBytes, ct) =>
    {
        _known ??= await LoadAsync(files, ct);
        if (_known.TryGetValue(hash.Value, out var known)) return known;
        var crc = await ComputeAsync(hash, sizeBytes, ct);
        if (sizeBytes >= KeptBytes) await db.Database.ExecuteSqlAsync($"insert into blob_crc32s (sha256, crc32) values ({hash.Value}, {(long)crc}) on conflict do nothing", ct);
        return _known[hash.Value] = crc;
    };

    private async Task<Dictionary<string, uint>> LoadAsync(IReadOnlyList<KitFile> files, CancellationToken ct)
    {
        var hashes = files.Where(file => file.SizeBytes >= KeptBytes).Select(file => file.Hash.Value).Distinct().ToArray();
        var rows = await db.Database.SqlQuery<Row>($"select sha256 as \"Sha256\", crc32 as \"Crc32\" from blob_crc32s where sha256 = any({hashes})").ToListAsync(ct);
        return rows.ToDictionary(row => row.Sha256, row => (uint)row.Crc32, StringComparer.Ordinal);
    }

    private async Task<uint> ComputeAsync(BlobHash hash, long sizeBytes, CancellationToken ct)
    {
        // A wrong sum must not be kept: the archive breaks off at the blob itself.
        await using var content = await store.OpenAsync(new BlobRef(hash, sizeBytes), ct) ?? throw new IOException($"Blob {hash} is lost or cut.");
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var crc = new Crc32();
            for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;) crc.Append(buffer.AsSpan(0, read));
            return crc.Value;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed record Row(string Sha256, long Crc32);
}
