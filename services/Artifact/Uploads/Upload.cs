namespace ZooPlatform.Artifact.Uploads;

internal enum UploadState
{
    Receiving,
    /// <summary>The bytes match; the file is on its way into the store, or there.</summary>
    Verified,
    Complete,
}

/// <summary>A blob on its way in, in as many requests, processes and days as it takes.</summary>
internal sealed class Upload
{
    public required Guid Id { get; init; }
    public required Guid RepositoryId { get; init; }
    /// <summary>Whose it is; to others it does not exist.</summary>
    public required string Subject { get; init; }
    public required string Sha256 { get; init; }
    public required long SizeBytes { get; init; }
    /// <summary>Where the first gap begins: all before is durable. What else is, stands in the column <c>received</c> (UploadRows).</summary>
    public long OffsetBytes { get; set; }
    public UploadState State { get; set; }
    public required DateTimeOffset TouchedAt { get; set; }
}
