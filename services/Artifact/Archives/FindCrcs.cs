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
    /// <returns>By the file's place among them.</returns>
    public Func<int, CancellationToken, ValueTask<uint>> Of(IReadOnlyList<KitFile> files) => async (index, ct) =>
    {
        _known ??= await LoadAsync(files, ct);
        var (hash, sizeBytes) = (files[index].Hash, files[index].SizeBytes);
        if (_known.TryGetValue(hash.Value, out var known)) return known;
        if (sizeBytes < KeptBytes)
        {
            await ComputeSmallAsync(files, index, _known, ct);
            return _known[hash.Value];
        }
        var crc = await ComputeAsync(hash, sizeBytes, ct);
        await db.Database.ExecuteSqlAsync($"insert into blob_crc32s (sha256, crc32) values ({hash.Value}, {(long)crc}) on conflict do nothing", ct);
        return _known[hash.Value] = crc;
    };

    /// <summary>With those of the next small files, where opening one after the other would take a round trip each.</summary>
    private async Task ComputeSmallAsync(IReadOnlyList<KitFile> files, int index, Dictionary<string, uint> known, CancellationToken ct)
    {
        var some = files.Skip(index).Take(store.OpenAhead).Where(file => file.SizeBytes < KeptBytes && !known.ContainsKey(file.Hash.Value)).DistinctBy(file => file.Hash).ToList();
        var computing = some.Select(file => ComputeAsync(file.Hash, file.SizeBytes, ct)).ToList();
        await Task.WhenAll(computing).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);   // that another is lost is told in its turn
        foreach (var (file, crc) in some.Zip(computing))
            if (crc.IsCompletedSuccessfully) known[file.Hash.Value] = await crc;
        await computing[0];
    }

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
