using System.Buffers.Binary;

namespace ZooPlatform.Formats.Tensors;

/// <summary>Reads ONNX's TensorProto files (<c>input_0.pb</c>), whole, up to a size the caller names.</summary>
public static class TensorFile
{
    /// <exception cref="InvalidDataException">Not a TensorProto with a dense tensor inside (sequences and external data are not read), or cut off.</exception>
    public static Tensor Read(ReadOnlyMemory<byte> file)
    {
        var proto = new TensorProto();
        var reader = new WireSpan(file.Span);
        while (reader.TryReadField(out var number, out var wireType, out var value, out var payload))
        {
            proto.Set(number, wireType, value, payload);
        }
        return proto.ToTensor();
    }

    /// <exception cref="InvalidDataException">As <see cref="Read"/>, or the stream is longer than <paramref name="maxBytes"/>.</exception>
    public static async Task<Tensor> ReadAsync(Stream stream, int maxBytes, CancellationToken ct)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (copy.Length + read > maxBytes) throw new InvalidDataException($"The tensor file has more than {maxBytes} bytes.");
            copy.Write(buffer, 0, read);
        }
        return Read(copy.GetBuffer().AsMemory(0, (int)copy.Length));
    }

    private sealed class TensorProto
    {
        private readonly List<long> _dims = [];
        private readonly List<byte[]> _strings = [];
        private readonly List<ulong> _integers = [];
        private readonly MemoryStream _floats = new();
        private ElementType _type;
        private string _name = "";
        private byte[]? _raw;

        public void Set(int number, int wireType, ulong value, ReadOnlySpan<byte> payload)
        {
            switch (number)
            {
                case 1: AddIntegers(wireType, value, payload, integer => _dims.Add((long)integer)); break;
                case 2: _type = (ElementType)(int)value; break;
                case 4 or 10: _floats.Write(payload); break;
                case 5 or 7 or 11: AddIntegers(wireType, value, payload, _integers.Add); break;
                case 6: _strings.Add(payload.ToArray()); break;
                case 8: _name = UntrustedText.Decode(payload); break;
                case 9: _raw = payload.ToArray(); break;
                case 13 or 14 when value == 1 || number == 13: throw new InvalidDataException("The tensor keeps its data in another file; only files that hold their data are read.");
            }
        }

        public Tensor ToTensor()
        {
            if (_type == ElementType.String) return Tensor.OfStrings(_name, _dims, _strings);
            if (!_type.IsKnown()) throw new InvalidDataException($"No dense tensor: {_type.Name()}. Sequences and optional values are not read.");
            if (_raw is not null) return Tensor.Of(_name, _type, _dims, _raw);
            return Tensor.Of(_name, _type, _dims, _floats.Length > 0 ? _floats.ToArray() : Narrow());
        }

        // int32_data and int64_data carry every narrower type, one element (or, below 8 bits, one packed byte) an integer.
        private byte[] Narrow()
        {
            var width = Math.Max(1, _type.Bits() / 8);
            if (width > 8) throw new InvalidDataException($"{_type.Name()} has no data.");
            var bytes = new byte[_integers.Count * width];
            Span<byte> whole = stackalloc byte[8];
            for (var i = 0; i < _integers.Count; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(whole, _integers[i]);
                whole[..width].CopyTo(bytes.AsSpan(i * width));
            }
            return bytes;
        }

        private static void AddIntegers(int wireType, ulong value, ReadOnlySpan<byte> payload, Action<ulong> add)
        {
            if (wireType == 0)
            {
                add(value);
                return;
            }
            var packed = new WireSpan(payload);
            while (packed.TryReadVarint(out var integer)) add(integer);
        }
    }
}
