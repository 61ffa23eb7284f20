namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>A connection on which something has to move now and then: a store that accepts and falls silent, at whatever place, is as good as gone.</summary>
internal sealed class PatientStream : Stream
{
    private readonly Stream _connection;
    private readonly TimeSpan _silence;

    public PatientStream(Stream connection, TimeSpan silence)
    {
        (_connection, _silence) = (connection, silence);
        connection.ReadTimeout = connection.WriteTimeout = (int)silence.TotalMilliseconds;   // of what blocks, as the SDK does where it reads XML
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="IOException">Nothing came for too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_silence);
        try
        {
            return await _connection.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(e);
        }
    }

    /// <exception cref="IOException">Nothing was taken for too long.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_silence);
        try
        {
            await _connection.WriteAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _connection.FlushAsync(cancellationToken);

    public override void Flush() => _connection.Flush();

    public override int Read(Span<byte> buffer) => _connection.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => _connection.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => _connection.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _connection.Dispose();
        base.Dispose(disposing);
    }

    private IOException Silent(Exception inner) => new($"the store was silent for {_silence.TotalSeconds:0.#} s", inner);
}
