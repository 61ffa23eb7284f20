using System.Security.Cryptography;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>A blob's bytes, hashed while they are read from the first on: the last of them are given only when all have the blob's SHA-256. Who begins
/// elsewhere, or leaves some out, gets them as they are.</summary>
internal sealed class CheckedBlob(Stream content, BlobRef blob, Suspects suspects) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _hashed;

    public override long Length => blob.SizeBytes;

    /// <exception cref="BlobLostException">The bytes are not the blob's; the zoo looks at them at once.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        content.Position = Position;
        var count = await content.ReadAsync(buffer, cancellationToken);
        if (Position == _hashed && count > 0)
        {
            _hash.AppendData(buffer.Span[..count]);
            _hashed += count;
            if (_hashed == Length && BlobHash.Of(_hash.GetHashAndReset()) != blob.Hash)
            {
                suspects.Add(blob.Hash);
                throw new BlobLostException(blob);
            }
        }
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A checked blob is read asynchronously.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            content.Dispose();
        }
        base.Dispose(disposing);
    }
}
