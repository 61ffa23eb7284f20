using System.Security.Cryptography;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>How a file is cut into chunks, in runs that each may be a xorb. Takes 36 bytes a chunk, about 0.06 % of the file.</summary>
internal sealed record ChunkMap(XetHash FileHash, long SizeBytes, IReadOnlyList<MappedRun> Runs)
{
    /// <summary>Reads a file once, on a thread of its own: it is a core's work for as long as it takes.</summary>
    /// <param name="file">Is read as streams are without a thread to spare: it blocks.</param>
    /// <param name="sha256">Gets every byte too; null: nobody wants to know.</param>
    /// <param name="patient">Nobody waits for it: it takes what others leave of the processor.</param>
    public static Task<ChunkMap> OfAsync(Stream file, IncrementalHash? sha256, bool patient, CancellationToken ct) => Task.Factory.StartNew(() =>
    {
        if (patient) Niceness.OfThisThread();
        return Of(file, sha256, ct);
    }, ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static ChunkMap Of(Stream file, IncrementalHash? sha256, CancellationToken ct)
    {
        using var reader = new ChunkReader(file);
        var whole = new XetTree();
        var runs = new List<MappedRun>();
        var run = new OpenRun(0);
        while (reader.Next() is { } chunk)
        {
            ct.ThrowIfCancellationRequested();
            sha256?.AppendData(chunk.Bytes.Span);
            var (hash, length) = (XetHash.OfChunk(chunk.Bytes.Span), chunk.Bytes.Length);
            whole.Add(hash, length);
            if (!run.Takes(length))
            {
                runs.Add(run.Close());
                run = new OpenRun(chunk.Offset);
            }
            run.Add(hash, length);
        }
        if (whole.SizeBytes > 0) runs.Add(run.Close());
        return new ChunkMap(whole.EndFile(), whole.SizeBytes, runs);
    }

    private sealed class OpenRun(long offsetBytes)
    {
        private readonly XetTree _tree = new();
        private readonly List<byte> _chunks = [];
        private int _xorbBytes;

        public bool Takes(int length) => _xorbBytes + XorbChunkHead.Bytes + length <= ChunkRun.MaxXorbBytes;

        public void Add(XetHash hash, int length)
        {
            _xorbBytes += XorbChunkHead.Bytes + length;
            _tree.Add(hash, length);
            PackedChunks.Append(_chunks, hash, length);
        }

        public MappedRun Close() => new(offsetBytes, _tree.SizeBytes, _tree.End(), [.. _chunks]);
    }
}

/// <param name="Xorb">What the run is called as a xorb.</param>
/// <param name="Chunks"><see cref="PackedChunks"/>.</param>
internal sealed record MappedRun(long OffsetBytes, long SizeBytes, XetHash Xorb, byte[] Chunks);
