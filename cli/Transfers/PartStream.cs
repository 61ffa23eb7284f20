namespace ZooPlatform.Cli.Transfers;

/// <summary>The next bytes of a file, as a stream that ends after them; disposing it leaves the file open.</summary>
/// <param name="moved">Told how many bytes were read.</param>
internal sealed class PartStream(FileStream file, long lengthBytes, Action<long> moved) : Stream
{
    private const int CopyBytes = 512 * 1024;

    private readonly long start = file.Position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => lengthBytes;

    public override long Position
    {
        get => file.Position - start;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Told(file.Read(buffer[..Allowed(buffer.Length)]));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Told(await file.ReadAsync(buffer[..Allowed(buffer.Length)], cancellationToken));

    // The content would be copied in steps of 80 KiB otherwise: too many calls for a fast line.
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            for (int read; (read = await ReadAsync(buffer.AsMemory(0, CopyBytes), cancellationToken)) > 0;)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Told(int read)
    {
        moved(read);
        return read;
    }

    private int Allowed(int wanted) => (int)Math.Min(wanted, lengthBytes - Position);
}
