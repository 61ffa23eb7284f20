using System.Buffers.Binary;

namespace ZooPlatform.Formats.Gguf;

/// <summary>Little-endian numbers and texts from a seekable stream, 64 KiB at a time.</summary>
/// <remarks>Every defect of the input is an <see cref="InvalidDataException"/>.</remarks>
internal sealed class GgufReader(Stream stream, InspectionLimits limits, CancellationToken ct)
{
    private readonly byte[] _window = new byte[64 << 10];
    private long _windowStart;
    private int _windowLength;
    private long _bytesRead;

    public long Position { get; private set; }

    public long Length { get; } = stream.Length;

    public async ValueTask<uint> ReadUInt32Async() => BinaryPrimitives.ReadUInt32LittleEndian((await TakeAsync(4)).Span);

    public async ValueTask<ulong> ReadUInt64Async() => BinaryPrimitives.ReadUInt64LittleEndian((await TakeAsync(8)).Span);

    /// <summary>The next few bytes, at most 8; valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TakeAsync(int count)
    {
        if (Length - Position < count) throw new InvalidDataException($"The file ends at byte {Length}, inside its header.");
        if (Position < _windowStart || Position + count > _windowStart + _windowLength)
        {
            ct.ThrowIfCancellationRequested();
            stream.Position = _windowStart = Position;
            _windowLength = await stream.ReadAtLeastAsync(_window, count, throwOnEndOfStream: false, ct);
            _bytesRead += _windowLength;
            if (_windowLength < count) throw new InvalidDataException($"The file ends at byte {Position + _windowLength}, inside its header.");
            if (_bytesRead > limits.MaxBytesRead) throw new InvalidDataException($"The header takes more than {limits.MaxBytesRead} bytes.");
        }
        var taken = _window.AsMemory((int)(Position - _windowStart), count);
        Position += count;
        return taken;
    }

    /// <summary>u64 length and bytes; cut to the limit.</summary>
    public async ValueTask<string> ReadTextAsync()
    {
        var length = await ReadUInt64Async();
        var kept = new byte[(int)Math.Min((ulong)limits.MaxTextBytes, Checked(length, 1))];
        var end = Position + (long)length;
        for (var done = 0; done < kept.Length;)
        {
            var part = await TakeAsync(Math.Min(8, kept.Length - done));
            part.CopyTo(kept.AsMemory(done));
            done += part.Length;
        }
        Position = end;
        return UntrustedText.Decode(kept);
    }

    /// <summary>Steps over so many items of so many bytes.</summary>
    public void Skip(ulong count, int size) => Position += (long)Checked(count, size);

    private ulong Checked(ulong count, int size) =>
        count <= (ulong)(Length - Position) / (ulong)size ? count * (ulong)size
            : throw new InvalidDataException($"At byte {Position} the header claims {count} items of {size} bytes, past the end of the file.");
}
