using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Archives;

/// <summary>An archive as a row of pieces whose lengths are known before any is read: so it has a length, and answers ranges.</summary>
internal interface IArchiveLayout
{
    /// <summary>How many pieces.</summary>
    int Count { get; }

    /// <summary>In bytes.</summary>
    long LengthOf(int piece);

    /// <summary>The piece is this blob; null: it is made by <see cref="MakeAsync"/>.</summary>
    BlobHash? BlobOf(int piece);

    ValueTask<byte[]> MakeAsync(int piece, CancellationToken ct);
}
