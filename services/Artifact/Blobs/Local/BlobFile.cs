using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>A blob's file as a stream to read, closed with it. Small ones are read at once: a hop to another thread takes longer.</summary>
internal sealed class BlobFile(SafeFileHandle file, long sizeBytes) : FileSlice(file, 0, sizeBytes)
{
    private const long SmallBytes = 1024 * 1024;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Length <= SmallBytes ? ValueTask.FromResult(Read(buffer.Span)) : base.ReadAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) File.Dispose();
        base.Dispose(disposing);
    }
}
