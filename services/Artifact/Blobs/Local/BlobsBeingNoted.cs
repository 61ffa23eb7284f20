namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>Blobs whose files are in their places and whose rows are not written yet: of these a sweep that deleted an older row must not take the file.
/// Of this process alone.</summary>
internal sealed class BlobsBeingNoted
{
    private readonly Dictionary<BlobHash, int> _blobs = [];
    private readonly Lock _lock = new();

    /// <param name="put">Brings the files to their places.</param>
    /// <returns>To be disposed once the rows are written, or never will be.</returns>
    public IAsyncDisposable Put(IReadOnlyList<BlobHash> blobs, Action put)
    {
        lock (_lock)
            foreach (var blob in blobs) _blobs[blob] = _blobs.GetValueOrDefault(blob) + 1;
        try
        {
            put();
            return new Noting(this, blobs);
        }
        catch
        {
            Remove(blobs);
            throw;
        }
    }

    private void Remove(IReadOnlyList<BlobHash> blobs)
    {
        lock (_lock)
            foreach (var blob in blobs)
                if (--_blobs[blob] == 0) _blobs.Remove(blob);
    }

    public bool Contains(BlobHash blob)
    {
        lock (_lock) return _blobs.ContainsKey(blob);
    }

    private sealed class Noting(BlobsBeingNoted all, IReadOnlyList<BlobHash> blobs) : IAsyncDisposable
    {
        private IReadOnlyList<BlobHash>? _blobs = blobs;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _blobs, null) is { } once) all.Remove(once);
            return ValueTask.CompletedTask;
        }
    }
}
