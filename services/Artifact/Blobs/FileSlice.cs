using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>A part of an open file as a stream to read; the file stays open.</summary>
internal class FileSlice(SafeFileHandle file, long offset, long bytes) : ReadOnlyStream
{
    public override long Length => bytes;

    protected SafeFileHandle File => file;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await RandomAccess.ReadAsync(file, buffer[..Left(buffer.Length)], offset + Position, cancellationToken);
        Position += count;
        return count;
    }

    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(file, buffer[..Left(buffer.Length)], offset + Position);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private int Left(int wanted) => (int)Math.Clamp(bytes - Position, 0, wanted);
}
