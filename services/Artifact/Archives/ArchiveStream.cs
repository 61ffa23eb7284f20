using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Archives;

/// <summary>An archive's bytes from any place on, read when they are asked for. Not for two readers at once. Where opening a blob takes a round
/// trip, the next small ones are opened while this one is read.</summary>
internal sealed class ArchiveStream : ReadOnlyStream
{
    private const long AheadBytes = 16 * 1024 * 1024;
    private readonly IArchiveLayout _layout;
    private readonly IBlobStore _store;
    private readonly ILogger _logger;
    private readonly long[] _ends;   // of each piece
    private readonly Queue<(int Piece, Task<Stream?> Opening)> _ahead = [];
    private int _open = -1, _last = -1;   // the latter: the blob that was opened last
    private Stream? _blob;
    private byte[] _made = [];

    public ArchiveStream(IArchiveLayout layout, IBlobStore store, ILogger logger)
    {
        (_layout, _store, _logger) = (layout, store, logger);
        _ends = new long[layout.Count];
        long end = 0;
        for (var piece = 0; piece < _ends.Length; piece++) _ends[piece] = end += layout.LengthOf(piece);
        Length = end;
    }

    public override long Length { get; }

    /// <exception cref="IOException">A blob is lost or cut: nothing wrong is sent, the answer breaks off.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0) return 0;
        var piece = PieceAt(Position);
        if (piece != _open) await OpenAsync(piece, Position - (_ends[piece] - _layout.LengthOf(piece)), cancellationToken);
        var offset = Position - (_ends[piece] - _layout.LengthOf(piece));
        var count = (int)Math.Min(buffer.Length, _ends[piece] - Position);
        if (_blob is not null)
        {
            _blob.Position = offset;
            count = await _blob.ReadAsync(buffer[..count], cancellationToken);
            if (count == 0) throw Damaged(piece);
        }
        else
        {
            _made.AsMemory((int)offset, count).CopyTo(buffer);
        }
        Position += count;
        return count;
    }

    /// <summary>The piece that holds this byte; empty pieces hold none.</summary>
    private int PieceAt(long position)
    {
        if (_open >= 0 && position < _ends[_open] && position >= _ends[_open] - _layout.LengthOf(_open)) return _open;
        var (low, high) = (0, _ends.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ends[middle] > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    private async ValueTask OpenAsync(int piece, long offset, CancellationToken ct)
    {
        if (_blob is not null) await _blob.DisposeAsync();
        _blob = null;
        _open = -1;
        if (_layout.BlobOf(piece) is not { } hash) _made = await _layout.MakeAsync(piece, ct);
        else _blob = await OpenAsync(piece, hash, offset, ct) ?? throw Damaged(piece);
        _open = piece;
    }

    private async Task<Stream?> OpenAsync(int piece, BlobHash hash, long offset, CancellationToken ct)
    {
        while (_ahead.TryPeek(out var passed) && passed.Piece != piece) await BlobStores.CloseAsync(_ahead.Dequeue().Opening);
        var opening = offset == 0 && _ahead.TryDequeue(out var next) ? next.Opening : _store.OpenAsync(new BlobRef(hash, _layout.LengthOf(piece)), ct, offset);
        if (_last >= 0 && piece > _last) OpenAhead(piece, ct);   // who has read one will read on; a range may end with its first
        _last = piece;
        return await opening;
    }

    private void OpenAhead(int piece, CancellationToken ct)
    {
        var bytes = _layout.LengthOf(piece) + _ahead.Sum(next => _layout.LengthOf(next.Piece));
        for (var next = (_ahead.Count > 0 ? _ahead.Last().Piece : piece) + 1; next < _layout.Count && _ahead.Count < _store.OpenAhead - 1; next++)
        {
            if (_layout.BlobOf(next) is not { } hash || _layout.LengthOf(next) == 0) continue;
            if ((bytes += _layout.LengthOf(next)) > AheadBytes) return;
            _ahead.Enqueue((next, _store.OpenAsync(new BlobRef(hash, _layout.LengthOf(next)), ct)));
        }
    }

    private BlobLostException Damaged(int piece)
    {
        var blob = new BlobRef(_layout.BlobOf(piece)!, _layout.LengthOf(piece));
        _logger.BlobDamaged(blob.Hash.Value, blob.SizeBytes);
        return new BlobLostException(blob);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _blob?.Dispose();
            while (_ahead.TryDequeue(out var next)) _ = BlobStores.CloseAsync(next.Opening);   // when it is open
        }
        base.Dispose(disposing);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("An archive is read asynchronously.");
}
