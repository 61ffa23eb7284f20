using System.Collections.Concurrent;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Uploads;

/// <summary>The hashes of uploads whose bytes came in order so far, so that completing one need not read it again. In memory only: where one is
/// missing (another process, a part out of order, too many uploads) the file is read.</summary>
internal sealed class RunningHashes
{
    private const int Limit = 1000;
    private readonly ConcurrentDictionary<Guid, (IncrementalHash Hash, long OffsetBytes)> _running = new();

    /// <summary>The hash of an upload's first bytes, which the caller goes on with and puts back. Null: it is not known.</summary>
    public IncrementalHash? Take(Guid upload, long offsetBytes)
    {
        if (_running.TryRemove(upload, out var running) && running.OffsetBytes == offsetBytes) return running.Hash;
        running.Hash?.Dispose();
        return offsetBytes == 0 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    public void Put(Guid upload, IncrementalHash hash, long offsetBytes)
    {
        if (_running.Count >= Limit || !_running.TryAdd(upload, (hash, offsetBytes))) hash.Dispose();
    }

    /// <summary>The hash of all of an upload; null: it is not known.</summary>
    public BlobHash? TakeWhole(Guid upload, long sizeBytes)
    {
        using var hash = Take(upload, sizeBytes);
        return hash is null ? null : BlobHash.Of(hash.GetHashAndReset());
    }

    public void Forget(Guid upload)
    {
        if (_running.TryRemove(upload, out var running)) running.Hash.Dispose();
    }
}
