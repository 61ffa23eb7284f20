namespace ZooPlatform.Contracts.Artifact;

/// <summary>Which of these blobs must be sent? At most 1,000 at once.</summary>
public sealed record MissingBlobs(IReadOnlyList<BlobReference> Blobs);

/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record BlobReference(string Sha256, long SizeBytes);

public sealed record MissingBlobsAnswer(IReadOnlyList<string> Missing);

/// <param name="Repository"><c>owner/name</c> the blob is for.</param>
public sealed record CreateUpload(string Repository, string Sha256, long SizeBytes);

/// <summary>An upload that can be continued: PATCH its bytes from <paramref name="OffsetBytes"/> on.</summary>
/// <param name="OffsetBytes">How many bytes are durable.</param>
/// <param name="Complete">The blob is whole, checked and in the repository.</param>
public sealed record UploadView(Guid Id, string Sha256, long SizeBytes, long OffsetBytes, bool Complete, DateTimeOffset ExpiresAt);
