using System.Buffers;
using System.Buffers.Binary;

namespace ZooPlatform.Formats.Xet;

/// <param name="Raw">The chunk itself.</param>
/// <param name="Stored">What the stream held: head and stored bytes. Both are good until the next chunk is asked for.</param>
public readonly record struct XorbChunk(XorbChunkHead Head, ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Stored);

/// <summary>Reads a xorb chunk by chunk. It holds one chunk, whatever the stream claims or decodes to.</summary>
public sealed class XorbReader(Stream xorb) : IDisposable
{
    /// <summary>All chunks with their heads.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Clients stop at 8,192 themselves.</summary>
    public const int MaxChunks = 65_536;

    private const int MaxFooterBytes = 8 * 1024 * 1024;
    private readonly byte[] _stored = ArrayPool<byte>.Shared.Rent(XorbChunkHead.Bytes + XorbChunkHead.MaxStoredBytes);
    private readonly byte[] _raw = ArrayPool<byte>.Shared.Rent(GearChunker.MaxBytes);
    private int _bytes, _chunks;

    private static ReadOnlySpan<byte> FooterIdent => "XETBLOB"u8;

    /// <returns>Null: the xorb has ended, with or without a footer.</returns>
    /// <exception cref="InvalidDataException">It is no xorb, is cut, or goes beyond the limits.</exception>
    public async ValueTask<XorbChunk?> NextAsync(CancellationToken ct)
    {
        var read = await xorb.ReadAtLeastAsync(_stored.AsMemory(0, XorbChunkHead.Bytes), XorbChunkHead.Bytes, throwOnEndOfStream: false, ct);
        if (read == 0 && _chunks > 0) return null;
        if (read < XorbChunkHead.Bytes) throw new InvalidDataException(_chunks == 0 ? "The xorb has no chunk." : "The xorb ends within a chunk's head.");
        if (_chunks > 0 && _stored.AsSpan().StartsWith(FooterIdent))
        {
            await SkipFooterAsync(ct);
            return null;
        }
        var head = XorbChunkHead.Read(_stored);
        if ((_bytes += XorbChunkHead.Bytes + head.StoredBytes) > MaxBytes) throw new InvalidDataException($"The xorb is larger than {MaxBytes} bytes.");
        if (++_chunks > MaxChunks) throw new InvalidDataException($"The xorb has more than {MaxChunks} chunks.");
        var stored = _stored.AsMemory(XorbChunkHead.Bytes, head.StoredBytes);
        if (await xorb.ReadAtLeastAsync(stored, stored.Length, throwOnEndOfStream: false, ct) < stored.Length)
            throw new InvalidDataException("The xorb ends within a chunk.");
        head.Decode(stored.Span, _raw.AsSpan(0, head.RawBytes));
        return new XorbChunk(head, _raw.AsMemory(0, head.RawBytes), _stored.AsMemory(0, XorbChunkHead.Bytes + head.StoredBytes));
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_stored);
        ArrayPool<byte>.Shared.Return(_raw);
    }

    /// <summary>What a footer says is known from the chunks; only its last number, its own length, is looked at.</summary>
    private async ValueTask SkipFooterAsync(CancellationToken ct)
    {
        var (total, tail) = (XorbChunkHead.Bytes, new byte[4]);
        for (int read; (read = await xorb.ReadAsync(_raw, ct)) > 0; total += read)
        {
            if (total + read > MaxFooterBytes) throw new InvalidDataException($"The xorb's footer is larger than {MaxFooterBytes} bytes.");
            if (read >= 4) _raw.AsSpan(read - 4, 4).CopyTo(tail);
            else tail = [.. tail[read..], .. _raw.AsSpan(0, read)];
        }
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length != total && length + 4 != total) throw new InvalidDataException("What follows the xorb's chunks is neither a chunk nor a footer.");
    }
}
