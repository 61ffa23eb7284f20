namespace ZooPlatform.Formats.Onnx;

/// <summary>
/// Walks protobuf's wire format in a seekable stream and skips by seeking, so the cost of a message is that of the
/// fields looked at. A window is 4 KiB after a skip and doubles up to 64 KiB while reading goes straight on.
/// </summary>
/// <remarks>Every defect of the input is an <see cref="InvalidDataException"/> that says where.</remarks>
internal sealed class ProtobufReader(Stream stream, InspectionLimits limits, CancellationToken ct)
{
    private const int SmallestWindow = 4 << 10;
    private readonly byte[] _window = new byte[64 << 10];
    private int _nextWindow = SmallestWindow;
    private long _windowStart;
    private int _windowLength;
    private int _parts;

    public long Position { get; private set; }

    public long Length { get; } = stream.Length;

    public long BytesRead { get; private set; }

    /// <summary>Calls <paramref name="onField"/> for each field up to <paramref name="end"/>; what it does not read is skipped.</summary>
    public async ValueTask ForEachFieldAsync(long end, Func<ProtobufField, ValueTask> onField)
    {
        while (Position < end)
        {
            ct.ThrowIfCancellationRequested();
            var field = await ReadFieldAsync(end);
            await onField(field);
            if (Position > field.End) throw Invalid($"field {field.Number} reads past its end");
            Position = field.End;
        }
    }

    /// <summary>Counts one repeated part (node, tensor, dimension ...) against the limit.</summary>
    public void CountPart()
    {
        if (++_parts > limits.MaxParts) throw Invalid($"more than {limits.MaxParts} parts");
    }

    public async ValueTask<string> ReadTextAsync(ProtobufField field)
    {
        RequireLengthDelimited(field);
        var bytes = new byte[Math.Min(field.Length, limits.MaxTextBytes)];
        for (var done = 0; done < bytes.Length;)
        {
            await FillAsync();
            var at = (int)(Position - _windowStart);
            var take = Math.Min(bytes.Length - done, _windowLength - at);
            _window.AsSpan(at, take).CopyTo(bytes.AsSpan(done));
            done += take;
            Position += take;
        }
        return UntrustedText.Decode(bytes);
    }

    /// <summary>Hands out bytes in pieces and stays where it is. A piece may end anywhere.</summary>
    public async ValueTask ReadBytesAsync(long start, long length, Action<ReadOnlySpan<byte>> onPiece)
    {
        var before = Position;
        for (Position = start; Position < start + length;)
        {
            ct.ThrowIfCancellationRequested();
            await FillAsync();
            var at = (int)(Position - _windowStart);
            var take = (int)Math.Min(start + length - Position, _windowLength - at);
            onPiece(_window.AsSpan(at, take));
            Position += take;
        }
        Position = before;
    }

    /// <summary>A repeated integer: one value, or many packed into one field.</summary>
    public async ValueTask ReadIntegersAsync(ProtobufField field, List<long> into)
    {
        if (field.WireType == ProtobufWireType.Varint)
        {
            CountPart();
            into.Add((long)field.Value);
            return;
        }
        RequireLengthDelimited(field);
        while (Position < field.End)
        {
            CountPart();
            into.Add((long)await ReadVarintAsync(field.End));
        }
    }

    public InvalidDataException Invalid(string what) => new($"Not readable as protobuf at byte {Position}: {what}.");

    public void RequireLengthDelimited(ProtobufField field)
    {
        if (field.WireType != ProtobufWireType.LengthDelimited) throw Invalid($"field {field.Number} has wire type {(int)field.WireType}, not 2");
    }

    private async ValueTask<ProtobufField> ReadFieldAsync(long end)
    {
        var tag = await ReadVarintAsync(end);
        var (number, wireType) = (tag >> 3, (ProtobufWireType)(tag & 7));
        if (number is 0 or > 536_870_911) throw Invalid($"field number {number}");
        ulong value = 0;
        long length = 0;
        switch (wireType)
        {
            case ProtobufWireType.Varint: value = await ReadVarintAsync(end); break;
            case ProtobufWireType.Fixed64: length = 8; break;
            case ProtobufWireType.Fixed32: length = 4; break;
            case ProtobufWireType.LengthDelimited:
                var claimed = await ReadVarintAsync(end);
                if (claimed > (ulong)(end - Position)) throw Invalid($"field {number} claims {claimed} bytes and {end - Position} are left");
                length = (long)claimed;
                break;
            default: throw Invalid($"wire type {(int)wireType}");
        }
        if (length > end - Position) throw Invalid($"field {number} needs {length} bytes and {end - Position} are left");
        return new ProtobufField((int)number, wireType, value, length, Position + length);
    }

    private async ValueTask<ulong> ReadVarintAsync(long end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (Position >= end) throw Invalid("a number is cut off");
            await FillAsync();
            var b = _window[Position++ - _windowStart];
            if (shift == 63 && b > 1) throw Invalid("a number has more than 64 bits");
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw Invalid("a number has more than 10 bytes");
    }

    // After this the byte at Position is in the window.
    private ValueTask FillAsync() =>
        Position >= _windowStart && Position < _windowStart + _windowLength ? ValueTask.CompletedTask : FillFromStreamAsync();

    private async ValueTask FillFromStreamAsync()
    {
        var straightOn = Position == _windowStart + _windowLength;
        _nextWindow = straightOn ? Math.Min(2 * _nextWindow, _window.Length) : SmallestWindow;
        stream.Position = _windowStart = Position;
        _windowLength = await stream.ReadAtLeastAsync(_window.AsMemory(0, _nextWindow), 1, throwOnEndOfStream: false, ct);
        if (_windowLength == 0) throw Invalid("the file ends here");
        BytesRead += _windowLength;
        if (BytesRead > limits.MaxBytesRead) throw Invalid($"more than {limits.MaxBytesRead} bytes of structure");
    }
}

internal enum ProtobufWireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}

/// <summary>A field's header.</summary>
/// <param name="Value">Of a varint; else 0.</param>
/// <param name="Length">Bytes of payload after the header; 0 for a varint.</param>
/// <param name="End">Where the payload ends.</param>
internal readonly record struct ProtobufField(int Number, ProtobufWireType WireType, ulong Value, long Length, long End);
