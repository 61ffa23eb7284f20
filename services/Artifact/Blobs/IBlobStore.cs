using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>A blob as a store knows it.</summary>
internal readonly record struct BlobRef(BlobHash Hash, long SizeBytes);

/// <summary>Where blobs are kept: <see cref="Local.LocalBlobs"/> or <see cref="S3.S3Blobs"/>. A blob appears whole or not at all, and never changes.
/// Nobody else knows where its bytes are.</summary>
internal interface IBlobStore
{
    /// <summary>How many blobs are worth opening before their turn: 1 where opening takes no round trip.</summary>
    int OpenAhead { get; }

    /// <summary>Those of these blobs that cannot be read, as far as that can be told without a round trip for each.</summary>
    Task<IReadOnlyList<BlobRef>> FindLostAsync(IReadOnlyCollection<BlobRef> blobs, CancellationToken ct);

    /// <summary>Looks at the very bytes' place: are they there, as many, and durable? For those who have no row to believe.</summary>
    Task<bool> LookAsync(BlobRef blob, CancellationToken ct);

    /// <summary>Makes a written file the blob of this name. The caller has checked that the bytes match; on return they are durable.
    /// What is there already is replaced, which mends a damaged blob.</summary>
    /// <param name="path">In the <see cref="Spool"/>; gone afterwards.</param>
    /// <returns>To be disposed once the blob's row is written: until then no sweep takes it.</returns>
    Task<IAsyncDisposable> KeepAsync(SafeFileHandle file, string path, BlobRef blob, CancellationToken ct);

    /// <summary>As <see cref="KeepAsync"/>, for many small files at once, which are durable together.</summary>
    Task<IAsyncDisposable> KeepAllAsync(IReadOnlyList<(string Path, BlobRef Blob)> files, CancellationToken ct);

    /// <param name="offset">Where the reader begins; it may go anywhere.</param>
    /// <returns>The bytes. Null: they are lost or cut.</returns>
    Task<Stream?> OpenAsync(BlobRef blob, CancellationToken ct, long offset = 0);

    /// <summary>Writes a range of a blob into a file, without taking it through this process where that can be.</summary>
    /// <returns>False: the blob is lost or cut.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    Task<bool> CopyRangeAsync(BlobHash blob, long offset, long bytes, SafeFileHandle to, long toOffset, CancellationToken ct);

    /// <summary>The bytes as an answer, by ranges and conditions; the headers that tell of them are set.</summary>
    /// <returns>Null: they are lost or cut.</returns>
    Task<IResult?> SendAsync(SentBlob blob, HttpResponse response, CancellationToken ct);

    /// <summary>Deletes the bytes of blobs whose rows are gone, and never those that came anew meanwhile.</summary>
    /// <param name="decide">Deletes rows, and says of which blobs.</param>
    /// <param name="named">Of these hashes, those that a row names.</param>
    Task DeleteAsync(IReadOnlyList<BlobHash> blobs, Func<Task<IReadOnlyCollection<BlobHash>>> decide,
        Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named, CancellationToken ct);

    /// <summary>Deletes bytes that no row names: a crash came between the two. Never those that came later than this, whose row may be on its way.</summary>
    Task DeleteOrphansAsync(DateTimeOffset before, Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named, CancellationToken ct);

    /// <summary>Reads the bytes and compares their SHA-256; what has another is taken away, so that nothing serves it.</summary>
    /// <param name="pace">Awaited with the number of bytes read so far.</param>
    Task<AtRest> ScrubAsync(BlobRef blob, Func<long, ValueTask> pace, CancellationToken ct);
}

/// <summary>A blob that everything tells of cannot be read. Whoever meets it before the answer has begun need not catch it: it is told as damaged.</summary>
internal sealed class BlobLostException(BlobRef blob) : IOException($"Blob {blob.Hash} is lost or cut.");

/// <summary>How a blob was found at rest.</summary>
internal abstract record AtRest
{
    internal sealed record Sound : AtRest;

    /// <summary>Its bytes came anew while they were read.</summary>
    internal sealed record Renewed : AtRest;

    /// <param name="Actual">Another SHA-256, or words.</param>
    /// <param name="Place">Where the bytes are now; null: there are none.</param>
    internal sealed record Damaged(string Actual, string? Place) : AtRest;
}

internal static class BlobStores
{
    /// <summary>As <see cref="IBlobStore.OpenAsync"/>, for who reads a blob from its first byte to its last.</summary>
    public static async Task<Stream?> OpenCheckedAsync(this IBlobStore store, BlobRef blob, Suspects suspects, CancellationToken ct, long offset = 0) =>
        await store.OpenAsync(blob, ct, offset) is { } content ? new CheckedBlob(content, blob, suspects) { Position = offset } : null;

    /// <summary>All bytes of a small blob; null: they are lost or cut.</summary>
    public static async Task<byte[]?> ReadAsync(this IBlobStore store, BlobRef blob, CancellationToken ct)
    {
        await using var content = await store.OpenAsync(blob, ct);
        if (content is null) return null;
        var bytes = new byte[blob.SizeBytes];
        await content.ReadExactlyAsync(bytes, ct);
        return bytes;
    }

    /// <summary>Can it be read, as far as that can be told without a round trip for each?</summary>
    public static async Task<bool> HoldsAsync(this IBlobStore store, BlobHash hash, long sizeBytes, CancellationToken ct) =>
        (await store.FindLostAsync([new BlobRef(hash, sizeBytes)], ct)).Count == 0;

    /// <summary>Keeps bytes that this service made.</summary>
    public static async Task<IAsyncDisposable> KeepAsync(this IBlobStore store, Spool spool, ReadOnlyMemory<byte> content, BlobHash hash, CancellationToken ct)
    {
        var path = spool.NewFile();
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            await RandomAccess.WriteAsync(file, content, 0, ct);
            return await store.KeepAsync(file, path, new BlobRef(hash, content.Length), ct);
        }
        finally
        {
            File.Delete(path);   // there only when the store refused
        }
    }

    /// <summary>Opens blobs one after the other, the next ones already while this one is read. Each is closed when the next one is asked for.</summary>
    public static async IAsyncEnumerable<(T Item, Stream? Content)> OpenAllAsync<T>(
        this IBlobStore store, IEnumerable<T> items, Func<T, BlobRef> blobOf, Suspects suspects, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var ahead = new Queue<(T Item, Task<Stream?> Opening)>();
        try
        {
            foreach (var item in items)
            {
                if (ahead.Count == store.OpenAhead)
                {
                    var (first, opening) = ahead.Dequeue();
                    await using var content = await opening;
                    yield return (first, content);
                }
                ahead.Enqueue((item, store.OpenCheckedAsync(blobOf(item), suspects, ct)));
            }
            while (ahead.TryDequeue(out var next))
            {
                await using var content = await next.Opening;
                yield return (next.Item, content);
            }
        }
        finally
        {
            foreach (var (_, opening) in ahead) await CloseAsync(opening);
        }
    }

    /// <summary>Closes what was opened ahead in vain.</summary>
    public static async Task CloseAsync(Task<Stream?> opening)
    {
        try
        {
            if (await opening is { } content) await content.DisposeAsync();
        }
        catch (Exception)
        {
            // nobody waits for it any more
        }
    }
}

/// <summary>Blobs kept together, until their rows are written.</summary>
internal sealed class Kept : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _blobs = [];

    public void Add(IAsyncDisposable blob) => _blobs.Add(blob);

    public async ValueTask DisposeAsync()
    {
        foreach (var blob in _blobs) await blob.DisposeAsync();
    }
}
