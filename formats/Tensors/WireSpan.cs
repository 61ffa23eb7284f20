namespace ZooPlatform.Formats.Tensors;

/// <summary>Protobuf fields of bytes in memory.</summary>
internal ref struct WireSpan(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>False at the end.</summary>
    /// <param name="value">Of a varint.</param>
    /// <param name="payload">Of every other field.</param>
    /// <exception cref="InvalidDataException">Not protobuf, or cut off.</exception>
    public bool TryReadField(out int number, out int wireType, out ulong value, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        (number, wireType, value) = (0, 0, 0);
        if (_rest.IsEmpty) return false;
        var tag = ReadVarint();
        (number, wireType) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        if (number == 0) throw new InvalidDataException("Not readable as protobuf: field number 0.");
        switch (wireType)
        {
            case 0: value = ReadVarint(); break;
            case 1: payload = Take(8); break;
            case 2: payload = Take(ReadVarint()); break;
            case 5: payload = Take(4); break;
            default: throw new InvalidDataException($"Not readable as protobuf: wire type {wireType}.");
        }
        return true;
    }

    /// <summary>One packed integer; false at the end.</summary>
    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        if (_rest.IsEmpty) return false;
        value = ReadVarint();
        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < Math.Min(10, _rest.Length); i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return value;
        }
        throw new InvalidDataException("Not readable as protobuf: a number is cut off or too long.");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length) throw new InvalidDataException($"Not readable as protobuf: {length} bytes claimed, {_rest.Length} left.");
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
