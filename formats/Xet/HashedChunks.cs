using System.Buffers;
using System.Runtime.CompilerServices;

namespace ZooPlatform.Formats.Xet;

/// <param name="Offset">Where it begins in the content.</param>
public readonly record struct HashedChunk(long Offset, int SizeBytes, XetHash Hash);

/// <summary>Cuts content into chunks and hashes them, on all processors: for one who waits for it. While a few MiB are hashed, the next are read and cut.</summary>
/// <remarks>Memory: 8 MiB, whatever the content's size. <see cref="ChunkReader"/> gives the same chunks one by one, with their bytes, on one processor.</remarks>
public static class HashedChunks
{
    private const int SegmentBytes = 4 * 1024 * 1024;

    /// <returns>The chunks in order; none of empty content.</returns>
    public static async IAsyncEnumerable<HashedChunk> OfAsync(Stream content, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var (current, other) = (new Segment(), new Segment());
        var cutting = Task.CompletedTask;
        try
        {
            await current.CutAsync(content, other, ct);
            while (current.Lengths.Count > 0)
            {
                var (hashed, next) = (current, other);
                cutting = Task.Run(() => next.CutAsync(content, hashed, ct), ct);
                var hashes = hashed.Hash();
                var offset = hashed.Offset;
                for (var i = 0; i < hashes.Length; i++)
                {
                    yield return new HashedChunk(offset, hashed.Lengths[i], hashes[i]);
                    offset += hashed.Lengths[i];
                }
                await cutting;
                (current, other) = (next, hashed);
            }
        }
        finally
        {
            await cutting.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);   // it writes into a pooled buffer
            current.Return();
            other.Return();
        }
    }

    private sealed class Segment
    {
        private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(SegmentBytes);
        private int _filled, _cut;
        private bool _ended;

        public long Offset { get; private set; }

        public List<int> Lengths { get; } = [];

        /// <summary>Begins with what was left of the one before, fills up and cuts.</summary>
        public async Task CutAsync(Stream content, Segment before, CancellationToken ct)
        {
            before._bytes.AsSpan(before._cut, before._filled - before._cut).CopyTo(_bytes);
            (Offset, _filled, _cut, _ended) = (before.Offset + before._cut, before._filled - before._cut, 0, before._ended);
            Lengths.Clear();
            while (!_ended && _filled < SegmentBytes)
            {
                var read = await content.ReadAsync(_bytes.AsMemory(_filled, SegmentBytes - _filled), ct);
                _ended = read == 0;
                _filled += read;
            }
            while (GearChunker.NextLength(_bytes.AsSpan(_cut, _filled - _cut), _ended) is > 0 and var length)
            {
                Lengths.Add(length);
                _cut += length;
            }
        }

        public XetHash[] Hash()
        {
            var starts = new int[Lengths.Count];
            for (var i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + Lengths[i - 1];
            var hashes = new XetHash[starts.Length];
            Parallel.For(0, starts.Length, i => hashes[i] = XetHash.OfChunk(_bytes.AsSpan(starts[i], Lengths[i])));
            return hashes;
        }

        public void Return() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
