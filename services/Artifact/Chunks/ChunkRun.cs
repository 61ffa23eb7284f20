namespace ZooPlatform.Artifact.Chunks;

/// <summary>A run of a blob's chunks. To Xet's clients it is a xorb; its bytes lie in the blob's file.</summary>
internal sealed class ChunkRun
{
    /// <summary>The bytes of a xorb may not be more, with eight before each chunk.</summary>
    public const int MaxXorbBytes = 64 * 1024 * 1024;

    public required string Sha256 { get; init; }
    public required int Run { get; init; }
    public required long OffsetBytes { get; init; }
    public required byte[] Xorb { get; init; }
    /// <summary><see cref="PackedChunks"/>.</summary>
    public required byte[] Chunks { get; init; }
}

/// <summary>That a blob holds this chunk: of some chunks only, those by which the others are found.</summary>
internal sealed class ChunkHook
{
    public required byte[] Chunk { get; init; }
    public required string Sha256 { get; init; }
    public required int Run { get; init; }
}
