using Amazon.S3.Model;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>An object as a stream to read, from any place on. It is asked for in pieces that grow, so that who reads a little moves little;
/// a piece that breaks off is asked for again from there.</summary>
/// <param name="lost">Called when the object is not there, or shorter than its row says.</param>
internal sealed class ObjectStream(Bucket bucket, BlobRef blob, Func<Task> lost) : ReadOnlyStream
{
    private const long FirstBytes = 1024 * 1024, MaxBytes = 64 * 1024 * 1024;
    private const int MaxTries = 3;
    private GetObjectResponse? _answer;
    private long _at, _end;   // of the answer: what it gives next, and where it ends
    private long _piece = FirstBytes;

    public override long Length => blob.SizeBytes;

    /// <summary>Asks for the first piece, so that nothing is begun that is not there.</summary>
    /// <returns>False: the blob is lost or cut.</returns>
    public async Task<bool> TryBeginAsync(CancellationToken ct)
    {
        try
        {
            if (Position < Length) await AskAsync(ct);
            return true;
        }
        catch (BlobLostException)
        {
            return false;
        }
    }

    /// <exception cref="BlobLostException">There is no such object, or it is shorter.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0) return 0;
        for (var tries = 1; ; tries++)
        {
            if (_answer is null || _at != Position || _at == _end) await AskAsync(cancellationToken);
            try
            {
                var count = await _answer!.ResponseStream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _end - _at)], cancellationToken);
                if (count == 0) throw new EndOfStreamException("The answer ended before its end.");
                (_at, Position) = (_at + count, Position + count);
                return count;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is IOException or HttpRequestException or OperationCanceledException)
            {
                Drop();
                if (tries == MaxTries) throw new StoreUnreachableException(e.Message, e);
            }
        }
    }

    /// <remarks>Blocks: for those who have a thread to themselves.</remarks>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Drop();
        base.Dispose(disposing);
    }

    private async Task AskAsync(CancellationToken ct)
    {
        if (_answer is null || _at != Position) _piece = FirstBytes;
        Drop();
        var bytes = Math.Min(_piece, Length - Position);
        _answer = await bucket.GetAsync(blob.Hash, Position, bytes, ct);
        if (_answer is null || !_answer.ContentRange.EndsWith($"/{Length}", StringComparison.Ordinal))
        {
            Drop();
            await lost();
            throw new BlobLostException(blob);
        }
        (_at, _end) = (Position, Position + bytes);
        _piece = Math.Min(_piece * 2, MaxBytes);
    }

    private void Drop()
    {
        _answer?.Dispose();
        _answer = null;
    }
}
