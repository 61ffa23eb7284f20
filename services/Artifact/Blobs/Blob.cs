namespace ZooPlatform.Artifact.Blobs;

/// <summary>Bytes named by their SHA-256.</summary>
internal sealed class Blob
{
    public required string Sha256 { get; init; }
    public required long SizeBytes { get; init; }
    public BlobRef Ref => BlobHash.TryParse(Sha256, out var hash) ? new BlobRef(hash, SizeBytes) : throw new InvalidOperationException($"A blob is called '{Sha256}'.");
    /// <summary>Of the content when <see cref="Plain"/>, else of its LFS pointer.</summary>
    public required string GitId { get; init; }
    /// <summary>Git may hold the content itself: it is small and text.</summary>
    public required bool Plain { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>Of its chunks; null: it is not mapped, or not yet (<see cref="Chunks.MapNewBlobs"/>).</summary>
    public byte[]? XetHash { get; init; }
    /// <summary>When its bytes last came.</summary>
    public DateTimeOffset KeptAt { get; init; }
    /// <summary>When its file was last read and found right.</summary>
    public DateTimeOffset? ScrubbedAt { get; init; }
    /// <summary>Its file was found wrong and taken away.</summary>
    public DateTimeOffset? DamagedAt { get; init; }
}

/// <summary>A repository's revisions hold this blob.</summary>
internal sealed class RepositoryBlob
{
    public required Guid RepositoryId { get; init; }
    public required string Sha256 { get; init; }
}

/// <summary>This caller may commit this blob to this repository: they sent its bytes for it, or may read it elsewhere.</summary>
internal sealed class StagedBlob
{
    public required Guid RepositoryId { get; init; }
    public required string Subject { get; init; }
    public required string Sha256 { get; init; }
    public required DateTimeOffset StagedAt { get; init; }
}
