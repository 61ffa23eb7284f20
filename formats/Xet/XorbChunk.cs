using System.Buffers.Binary;

namespace ZooPlatform.Formats.Xet;

public enum XorbCompression : byte
{
    None,
    Lz4,
    /// <summary>All bytes whose place is divisible by 4, then those after them, and so on; then LZ4.</summary>
    RegroupedLz4,
}

/// <summary>The eight bytes before a chunk in a xorb: version 0, stored bytes (24 bits), compression, raw bytes (24 bits).</summary>
public readonly record struct XorbChunkHead(XorbCompression Compression, int StoredBytes, int RawBytes)
{
    public const int Bytes = 8;

    /// <summary>LZ4 makes what it cannot compress a little longer.</summary>
    public const int MaxStoredBytes = GearChunker.MaxBytes + 1024;

    /// <exception cref="InvalidDataException">It is no head, or claims sizes that no chunk has.</exception>
    public static XorbChunkHead Read(ReadOnlySpan<byte> head)
    {
        var (stored, raw) = (UInt24(head[1..]), UInt24(head[5..]));
        var compression = (XorbCompression)head[4];
        if (head[0] != 0 || !Enum.IsDefined(compression)) throw new InvalidDataException($"A chunk has version {head[0]} and compression {head[4]}; known are version 0 and 0 to 2.");
        if (raw is 0 or > GearChunker.MaxBytes) throw new InvalidDataException($"A chunk claims {raw} bytes; chunks have 1 to {GearChunker.MaxBytes}.");
        if (stored > MaxStoredBytes || compression == XorbCompression.None && stored != raw)
            throw new InvalidDataException($"A chunk of {raw} bytes claims to be stored in {stored}.");
        return new XorbChunkHead(compression, stored, raw);
    }

    /// <summary>The head of a chunk that is stored as it is.</summary>
    public static void WriteRaw(int rawBytes, Span<byte> head)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, rawBytes << 8);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], rawBytes << 8);
    }

    /// <summary>Writes the chunk itself; <paramref name="raw"/> has <see cref="RawBytes"/>.</summary>
    /// <exception cref="InvalidDataException">What is stored decodes to something else than so many bytes.</exception>
    public void Decode(ReadOnlySpan<byte> stored, Span<byte> raw)
    {
        switch (Compression)
        {
            case XorbCompression.None:
                stored.CopyTo(raw);
                return;
            case XorbCompression.Lz4:
                Lz4Frame.Decode(stored, raw);
                return;
            default:
                var grouped = System.Buffers.ArrayPool<byte>.Shared.Rent(raw.Length);
                Lz4Frame.Decode(stored, grouped.AsSpan(0, raw.Length));
                Ungroup(grouped.AsSpan(0, raw.Length), raw);
                System.Buffers.ArrayPool<byte>.Shared.Return(grouped);
                return;
        }
    }

    private static void Ungroup(ReadOnlySpan<byte> grouped, Span<byte> raw)
    {
        for (var group = 0; group < 4; group++)
        {
            var count = (raw.Length - group + 3) / 4;
            for (var i = 0; i < count; i++) raw[4 * i + group] = grouped[i];
            grouped = grouped[count..];
        }
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
