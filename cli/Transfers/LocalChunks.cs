using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Which chunks lie where in files of this machine: they need not be fetched. About 70 bytes of memory a chunk, 1 MB per GB of files.</summary>
internal sealed class LocalChunks : IDisposable
{
    private readonly Dictionary<XetHash, (int File, long Offset)> places = [];
    private readonly List<FileStream> files = [];

    private LocalChunks()
    {
    }

    /// <summary>Reads and cuts the files. One that cannot be read, or that another process writes, is as if it were not there.</summary>
    public static async Task<LocalChunks> OfAsync(IReadOnlyList<string> paths, CancellationToken ct)
    {
        var local = new LocalChunks();
        foreach (var path in paths)
        {
            try
            {
                await local.CutAsync(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan), ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is fetched then.
            }
        }
        return local;
    }

    /// <summary>Reads a chunk, wherever it is; from any thread. False: it is not here, or no more what it was.</summary>
    /// <param name="use">Gets its bytes.</param>
    public bool Read(HashedChunk chunk, Action<HashedChunk, ReadOnlySpan<byte>> use) =>
        places.TryGetValue(chunk.Hash, out var place)
        && SamePlaces.Read(files[place.File].SafeFileHandle, chunk with { Offset = place.Offset }, (_, bytes) => use(chunk, bytes));

    public void Dispose() => files.ForEach(file => file.Dispose());

    private async Task CutAsync(FileStream file, CancellationToken ct)
    {
        files.Add(file);
        await foreach (var chunk in HashedChunks.OfAsync(file, ct).WithCancellation(ct))
        {
            places.TryAdd(chunk.Hash, (files.Count - 1, chunk.Offset));
        }
    }
}
