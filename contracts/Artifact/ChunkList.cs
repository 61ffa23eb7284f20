using System.Buffers.Binary;

namespace ZooPlatform.Contracts.Artifact;

/// <summary>Chunks that follow each other, as bytes: of each its hash (32 bytes, Xet's chunk hash) and its size (4 bytes, little-endian).</summary>
public static class ChunkList
{
    public const int HashBytes = 32;
    public const int EntryBytes = HashBytes + sizeof(int);

    /// <summary>At most so many at once: about 1 GiB.</summary>
    public const int MaxChunks = 16_384;

    /// <summary>A chunk is never larger.</summary>
    public const int MaxChunkBytes = 128 * 1024;

    public static void Write(Span<byte> entry, int sizeBytes) => BinaryPrimitives.WriteInt32LittleEndian(entry[HashBytes..], sizeBytes);

    public static int SizeOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadInt32LittleEndian(entry[HashBytes..]);
}

/// <param name="SizeBytes">How many bytes of the upload need not be sent: they were copied from what the caller may read.</param>
public sealed record CopiedChunks(long SizeBytes);
