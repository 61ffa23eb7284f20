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

    /// <summary>Reads and cuts the files, a few at once. One that cannot be read, or that another process writes, is as if it were not there.</summary>
    public static async Task<LocalChunks> OfAsync(IReadOnlyList<string> paths, CancellationToken ct)
    {
        var local = new LocalChunks();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        await Parallel.ForEachAsync(paths, parallel, (path, ct) =>
        {
            try
            {
                local.Cut(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan), ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is fetched then.
            }
            return ValueTask.CompletedTask;
        });
        return local;
    }

    /// <summary>Reads a chunk. False: it is not here, or no more what it was.</summary>
    /// <param name="bytes">As many as the chunk has.</param>
    public bool TryRead(XetHash hash, Span<byte> bytes)
    {
        if (!places.TryGetValue(hash, out var place))
        {
            return false;
        }
        try
        {
            for (var read = 0; read < bytes.Length;)
            {
                var some = RandomAccess.Read(files[place.File].SafeFileHandle, bytes[read..], place.Offset + read);
                if (some == 0)
                {
                    return false;
                }
                read += some;
            }
        }
        catch (IOException)
        {
            return false;
        }
        return XetHash.OfChunk(bytes) == hash;
    }

    public void Dispose() => files.ForEach(file => file.Dispose());

    private void Cut(FileStream file, CancellationToken ct)
    {
        int number;
        lock (files)
        {
            number = files.Count;
            files.Add(file);
        }
        using var reader = new ChunkReader(file);
        while (reader.Next() is { } chunk)
        {
            ct.ThrowIfCancellationRequested();
            var hash = XetHash.OfChunk(chunk.Bytes.Span);
            lock (places)
            {
                places.TryAdd(hash, (number, chunk.Offset));
            }
        }
    }
}
