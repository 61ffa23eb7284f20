using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Writes the bytes of a shard's file, whose terms were checked, from xorbs and blobs.</summary>
internal sealed class AssembleFile(IBlobStore store, FindXorb xorbs)
{
    /// <exception cref="InvalidDataException">What was there when the terms were checked is gone: a sweep took it, or it is damaged.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public async Task RunAsync(Guid repositoryId, Caller caller, ShardFile file, SafeFileHandle output, CancellationToken ct)
    {
        var at = 0L;
        foreach (var term in file.Terms)
        {
            var xorb = await xorbs.RunAsync(repositoryId, caller, term.Xorb, ct) ?? throw new InvalidDataException($"The xorb {term.Xorb} was deleted while a file was made of it. Upload it again.");
            var (first, end) = ((int)term.First, (int)term.End);
            at = xorb.File is { } path ? await FromXorbAsync(path, xorb.StoredAt[first], end - first, output, at, ct) : await FromBlobsAsync(xorb, first, end, output, at, ct);
        }
    }

    private static async Task<long> FromXorbAsync(string path, int storedAt, int chunks, SafeFileHandle output, long at, CancellationToken ct)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = storedAt;
        using var reader = new XorbReader(stream);
        for (var i = 0; i < chunks; i++)
        {
            var chunk = await reader.NextAsync(ct) ?? throw new EndOfStreamException($"The xorb's file {path} was cut.");
            await RandomAccess.WriteAsync(output, chunk.Raw, at, ct);
            at += chunk.Raw.Length;
        }
        return at;
    }

    private async Task<long> FromBlobsAsync(UsableXorb xorb, int first, int end, SafeFileHandle output, long at, CancellationToken ct)
    {
        for (var i = first; i < end;)
        {
            var (place, bytes) = (xorb.Places[i]!, 0L);
            // Chunks that lie side by side are one range.
            for (; i < end && xorb.Places[i] == new ChunkPlace(place.Blob, place.OffsetBytes + bytes); i++) bytes += xorb.Chunks.LengthOf(i);
            if (!await store.CopyRangeAsync(place.Blob, place.OffsetBytes, bytes, output, at, ct)) throw new InvalidDataException($"Chunks of the xorb {xorb.Hash} were deleted from this zoo while a file was made of them. Upload them again.");
            at += bytes;
        }
        return at;
    }
}
