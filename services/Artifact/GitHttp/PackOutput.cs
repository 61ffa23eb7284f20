using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>A pack on its way: written object by object, hashed, and cut into what the client takes.</summary>
/// <remarks>
/// <code>
/// PACK, version 2, count      12 bytes
/// kind and size, zlib(content)     each object, whole: no deltas
/// SHA-1 of all before         20 bytes
/// </code>
/// With a side band each piece is a pkt-line of up to 65,520 bytes that begins with its band: 1 the pack, 2 progress, 3 a last error.
/// </remarks>
internal sealed class PackOutput(Stream output, bool sideBand) : Stream
{
    private const int MaxPieceBytes = 65_520;
    private const int HeadBytes = 5;

    /// <summary>No bytes as zlib has them; <see cref="ZLibStream"/> would write none.</summary>
    private static readonly byte[] s_nothing = [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1];

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
    private readonly byte[] _piece = ArrayPool<byte>.Shared.Rent(MaxPieceBytes);
    private int _filled = HeadBytes;

    /// <summary>So many are in it.</summary>
    public int Objects { get; private set; }

    public async Task BeginAsync(int count, CancellationToken ct)
    {
        var head = new byte[12];
        "PACK"u8.CopyTo(head);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), 2);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(8), count);
        await WriteAsync(head, ct);
    }

    public async Task AddAsync(GitKind kind, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        Objects++;
        await WriteAsync(Head(kind, content.Length), ct);
        if (content.Length == 0)
        {
            await WriteAsync(s_nothing, ct);
            return;
        }
        await using var zlib = new ZLibStream(this, CompressionLevel.Fastest, leaveOpen: true);
        await zlib.WriteAsync(content, ct);
    }

    public async Task EndAsync(CancellationToken ct)
    {
        await FillAsync(_hash.GetHashAndReset(), ct);
        await SendPieceAsync(ct);
        if (sideBand) await output.WriteAsync("0000"u8.ToArray(), ct);
    }

    /// <summary>A line that git shows; without a side band there is no way to.</summary>
    /// <param name="band">2: it goes on; 3: it broke, and nothing follows.</param>
    public async Task TellAsync(int band, string text, CancellationToken ct)
    {
        if (!sideBand) return;
        await SendPieceAsync(ct);
        var line = Encoding.UTF8.GetBytes($"{(char)band}{text}\n");
        await output.WriteAsync(Encoding.ASCII.GetBytes((line.Length + 4).ToString("x4", CultureInfo.InvariantCulture)), ct);
        await output.WriteAsync(line, ct);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _hash.AppendData(buffer.Span);
        await FillAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async ValueTask FillAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (bytes.Length > 0)
        {
            var fits = Math.Min(bytes.Length, MaxPieceBytes - _filled);
            bytes[..fits].CopyTo(_piece.AsMemory(_filled));
            _filled += fits;
            bytes = bytes[fits..];
            if (_filled == MaxPieceBytes) await SendPieceAsync(ct);
        }
    }

    private async ValueTask SendPieceAsync(CancellationToken ct)
    {
        if (_filled == HeadBytes) return;
        var from = HeadBytes;
        if (sideBand)
        {
            Encoding.ASCII.GetBytes(_filled.ToString("x4", CultureInfo.InvariantCulture), _piece);
            _piece[4] = 1;
            from = 0;
        }
        await output.WriteAsync(_piece.AsMemory(from, _filled - from), ct);
        _filled = HeadBytes;
    }

    // Four bits of the size beside the kind, then seven a byte, lowest first.
    private static byte[] Head(GitKind kind, int sizeBytes)
    {
        var head = new List<byte>(6);
        var current = ((int)kind << 4) | (sizeBytes & 15);
        for (sizeBytes >>= 4; sizeBytes > 0; sizeBytes >>= 7)
        {
            head.Add((byte)(current | 0x80));
            current = sizeBytes & 0x7F;
        }
        head.Add((byte)current);
        return [.. head];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            ArrayPool<byte>.Shared.Return(_piece);
        }
        base.Dispose(disposing);
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A response is written asynchronously.");
}
