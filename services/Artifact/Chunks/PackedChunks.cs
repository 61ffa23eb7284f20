using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>A list of chunks as the database has it, which is how clients send it.</summary>
internal readonly struct PackedChunks(ReadOnlyMemory<byte> bytes)
{
    public int Count => bytes.Length / ChunkList.EntryBytes;

    public XetHash HashOf(int index) => XetHash.Read(bytes.Span[(index * ChunkList.EntryBytes)..]);

    public int LengthOf(int index) => ChunkList.SizeOf(bytes.Span[(index * ChunkList.EntryBytes)..]);

    /// <summary>The bytes of all chunks before this one.</summary>
    public long OffsetOf(int index)
    {
        var offset = 0L;
        for (var i = 0; i < index; i++) offset += LengthOf(i);
        return offset;
    }

    public static void Append(List<byte> list, XetHash hash, int length)
    {
        Span<byte> chunk = stackalloc byte[ChunkList.EntryBytes];
        hash.Write(chunk);
        ChunkList.Write(chunk, length);
        list.AddRange(chunk);
    }
}
