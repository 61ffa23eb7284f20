using System.Buffers;

namespace ZooPlatform.Formats.Xet;

/// <param name="Bytes">Good until the next chunk is asked for.</param>
public readonly record struct ChunkBytes(long Offset, ReadOnlyMemory<byte> Bytes);

/// <summary>Reads a stream chunk by chunk through one pooled buffer.</summary>
public sealed class ChunkReader(Stream content) : IDisposable
{
    private const int BufferBytes = 1024 * 1024;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _begin, _end;
    private long _offset;
    private bool _ended;

    /// <returns>Null: the content has ended.</returns>
    public async ValueTask<ChunkBytes?> NextAsync(CancellationToken ct)
    {
        if (Short) await FillAsync(ct);
        return Take();
    }

    /// <summary>The same on the caller's thread.</summary>
    public ChunkBytes? Next()
    {
        if (Short) Fill();
        return Take();
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool Short => !_ended && _end - _begin < GearChunker.MaxBytes;

    private ChunkBytes? Take()
    {
        var length = GearChunker.NextLength(_buffer.AsSpan(_begin, _end - _begin), _ended);
        if (length == 0) return null;
        var chunk = new ChunkBytes(_offset, _buffer.AsMemory(_begin, length));
        _begin += length;
        _offset += length;
        return chunk;
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        MoveUp();
        while (!_ended && _end < _buffer.Length) Took(await content.ReadAsync(_buffer.AsMemory(_end), ct));
    }

    private void Fill()
    {
        MoveUp();
        while (!_ended && _end < _buffer.Length) Took(content.Read(_buffer, _end, _buffer.Length - _end));
    }

    private void MoveUp()
    {
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
    }

    private void Took(int read)
    {
        _ended = read == 0;
        _end += read;
    }
}
