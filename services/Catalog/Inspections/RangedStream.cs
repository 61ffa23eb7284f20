using System.Net;
using System.Net.Http.Headers;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>A file of another service as a seekable stream: reads are HTTP ranges, in blocks of which the last few are kept.
/// Seeking costs nothing, so weights that are skipped are never fetched.</summary>
/// <remarks>Only asynchronous reads. A server that does not answer the range asked for is an <see cref="HttpRequestException"/>.</remarks>
internal sealed class RangedStream(HttpClient client, string address, long length) : Stream
{
    public const int BlockBytes = 64 << 10;
    private const int KeptBlocks = 32;

    private readonly LinkedList<(long Index, byte[] Bytes)> _blocks = new();   // newest first

    /// <summary>Bytes fetched so far.</summary>
    public long FetchedBytes { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length || buffer.IsEmpty) return 0;
        var block = await BlockAsync(Position / BlockBytes, cancellationToken);
        var from = (int)(Position % BlockBytes);
        var count = Math.Min(buffer.Length, block.Length - from);
        block.AsMemory(from, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously: bytes come over the network.");
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Flush()
    {
    }

    private async Task<byte[]> BlockAsync(long index, CancellationToken ct)
    {
        for (var node = _blocks.First; node is not null; node = node.Next)
        {
            if (node.Value.Index != index) continue;
            _blocks.Remove(node);
            _blocks.AddFirst(node);
            return node.Value.Bytes;
        }
        var bytes = await FetchAsync(index * BlockBytes, ct);
        _blocks.AddFirst((index, bytes));
        if (_blocks.Count > KeptBlocks) _blocks.RemoveLast();
        return bytes;
    }

    private async Task<byte[]> FetchAsync(long from, CancellationToken ct)
    {
        var bytes = new byte[Math.Min(BlockBytes, length - from)];
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = new RangeHeaderValue(from, from + bytes.Length - 1);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        if (answer.StatusCode != HttpStatusCode.PartialContent || answer.Content.Headers.ContentRange is not { } range || range.From != from || range.Length != length)
            throw new HttpRequestException($"{address} answered {(int)answer.StatusCode} {answer.Content.Headers.ContentRange} to a request for {bytes.Length} bytes from {from} of {length}.");
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        await body.ReadExactlyAsync(bytes, ct);
        FetchedBytes += bytes.Length;
        return bytes;
    }
}
