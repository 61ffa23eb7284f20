namespace ZooPlatform.Artifact.Xet;

/// <summary>A xorb that a client made: the chunks it named by this hash.</summary>
internal sealed class Xorb
{
    public required byte[] Hash { get; init; }
    /// <summary><see cref="Artifact.Chunks.PackedChunks"/>.</summary>
    public required byte[] Chunks { get; init; }
}

/// <summary>That a run of a blob's chunks holds some of a xorb's.</summary>
internal sealed class XorbRun
{
    public required byte[] Xorb { get; init; }
    public required string Sha256 { get; init; }
    public required int Run { get; init; }
}

/// <summary>A xorb as somebody sent it, for one repository, until its chunks are in blobs.</summary>
internal sealed class XorbUpload
{
    public required Guid RepositoryId { get; init; }
    public required string Subject { get; init; }
    public required byte[] Xorb { get; init; }
    /// <summary>Its name in <see cref="Blobs.Spool.Xorbs"/>.</summary>
    public required Guid File { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    /// <summary>Of its file; counts towards the owner's quota.</summary>
    public required long SizeBytes { get; init; }
}
