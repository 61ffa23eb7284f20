using System.Buffers.Binary;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>A list of chunks as the database has it: 32 bytes of hash and 4 of length each.</summary>
internal readonly struct PackedChunks(ReadOnlyMemory<byte> bytes)
{
    private const int ChunkBytes = XetHash.Bytes + sizeof(int);

    public int Count => bytes.Length / ChunkBytes;

    public XetHash HashOf(int index) => XetHash.Read(bytes.Span[(index * ChunkBytes)..]);

    public int LengthOf(int index) => BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(index * ChunkBytes + XetHash.Bytes)..]);

    /// <summary>The bytes of all chunks before this one.</summary>
    public long OffsetOf(int index)
    {
        var offset = 0L;
        for (var i = 0; i < index; i++) offset += LengthOf(i);
        return offset;
    }

    public static void Append(List<byte> list, XetHash hash, int length)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        hash.Write(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk[XetHash.Bytes..], length);
        list.AddRange(chunk);
    }
}
