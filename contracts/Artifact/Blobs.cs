namespace ZooPlatform.Contracts.Artifact;

/// <summary>Which of these blobs must be sent? At most 1,000 at once.</summary>
public sealed record MissingBlobs(IReadOnlyList<BlobReference> Blobs);

/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record BlobReference(string Sha256, long SizeBytes);

public sealed record MissingBlobsAnswer(IReadOnlyList<string> Missing);

/// <param name="Repository"><c>owner/name</c> the blob is for.</param>
public sealed record CreateUpload(string Repository, string Sha256, long SizeBytes);

/// <summary>An upload that can be continued: PATCH its bytes from <paramref name="OffsetBytes"/> on.</summary>
/// <param name="OffsetBytes">How many bytes from the front are durable.</param>
/// <param name="Complete">The blob is whole, checked and in the repository.</param>
/// <param name="Missing">What is still to come, from the front, at most 10,000 ranges; absent in the answer to a PATCH.</param>
public sealed record UploadView(
    Guid Id, string Sha256, long SizeBytes, long OffsetBytes, bool Complete, DateTimeOffset ExpiresAt, IReadOnlyList<ByteRange>? Missing = null);

/// <summary>Bytes of a blob.</summary>
public sealed record ByteRange(long OffsetBytes, long SizeBytes);

/// <summary>Blobs that were stored, in the order they were sent.</summary>
public sealed record StoredBlobs(IReadOnlyList<BlobReference> Blobs);

/// <summary>Files of a revision to be sent in one answer.</summary>
/// <param name="Paths">1 to 10,000.</param>
public sealed record GetFiles(IReadOnlyList<string> Paths);
