using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Archives;

/// <summary>An archive's bytes from any place on, read when they are asked for. Not for two readers at once. Where opening a blob takes a round
/// trip, the next small ones are opened while this one is read.</summary>
internal sealed class ArchiveStream : ReadOnlyStream
{
    private const long AheadBytes = 16 * 1024 * 1024;
    private readonly IArchiveLayout _layout;
    private readonly IBlobStore _store;
    private readonly Suspects _suspects;
    private readonly ILogger _logger;
    private readonly long[] _ends;   // of each piece
    private readonly Queue<(int Piece, Task<Stream?> Opening)> _ahead = [];
    private int _open = -1, _last = -1;   // the latter: the blob that was opened last
    private Stream? _blob;
    private byte[] _made = [];

    public ArchiveStream(IArchiveLayout layout, IBlobStore store, Suspects suspects, ILogger logger)
    {
        (_layout, _store, _suspects, _logger) = (layout, store, suspects, logger);
        _ends = new long[layout.Count];
        long end = 0;
        for (var piece = 0; piece < _ends.Length; piece++) _ends[piece] = end += layout.LengthOf(piece);
        Length = end;
    }

    public override long Length { get; }

    /// <summary>Opens the first blob at or behind this place: nothing is begun that cannot go on.</summary>
    /// <exception cref="BlobLostException">It is lost or cut.</exception>
    public async Task BeginAsync(long position, CancellationToken ct)
    {
        for (var piece = PieceAt(position); piece < _layout.Count; piece++)
        {
            if (_layout.BlobOf(piece) is null || _layout.LengthOf(piece) == 0) continue;
            var opening = OpenBlobAsync(piece, Math.Max(0, position - BeginOf(piece)), ct);
            if (await opening is null) throw Damaged(piece);
            _ahead.Enqueue((piece, opening));
            return;
        }
    }

    /// <exception cref="IOException">A blob is lost, cut or has other bytes: nothing wrong is sent whole, the answer breaks off.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0) return 0;
        var piece = PieceAt(Position);
        if (piece != _open) await OpenAsync(piece, Position - BeginOf(piece), cancellationToken);
        var offset = Position - BeginOf(piece);
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
        if (_open >= 0 && position < _ends[_open] && position >= BeginOf(_open)) return _open;
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
        if (_layout.BlobOf(piece) is null) _made = await _layout.MakeAsync(piece, ct);
        else _blob = await TakeAsync(piece, offset, ct) ?? throw Damaged(piece);
        _open = piece;
    }

    private async Task<Stream?> TakeAsync(int piece, long offset, CancellationToken ct)
    {
        while (_ahead.TryPeek(out var passed) && passed.Piece != piece) await BlobStores.CloseAsync(_ahead.Dequeue().Opening);
        var opening = _ahead.TryDequeue(out var next) ? next.Opening : OpenBlobAsync(piece, offset, ct);
        if (_last >= 0 && piece > _last) OpenAhead(piece, ct);   // who has read one will read on; a range may end with its first
        _last = piece;
        return await opening;
    }

    private void OpenAhead(int piece, CancellationToken ct)
    {
        var bytes = _layout.LengthOf(piece) + _ahead.Sum(next => _layout.LengthOf(next.Piece));
        for (var next = (_ahead.Count > 0 ? _ahead.Last().Piece : piece) + 1; next < _layout.Count && _ahead.Count < _store.OpenAhead - 1; next++)
        {
            if (_layout.BlobOf(next) is null || _layout.LengthOf(next) == 0) continue;
            if ((bytes += _layout.LengthOf(next)) > AheadBytes) return;
            _ahead.Enqueue((next, OpenBlobAsync(next, 0, ct)));
        }
    }

    private Task<Stream?> OpenBlobAsync(int piece, long offset, CancellationToken ct) => _store.OpenCheckedAsync(BlobAt(piece), _suspects, ct, offset);

    private BlobRef BlobAt(int piece) => new(_layout.BlobOf(piece)!, _layout.LengthOf(piece));

    private long BeginOf(int piece) => _ends[piece] - _layout.LengthOf(piece);

    private BlobLostException Damaged(int piece)
    {
        var blob = BlobAt(piece);
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
