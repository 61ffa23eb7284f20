using System.Buffers.Binary;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Counts what stands out among a tensor's values, which come in pieces of any length.</summary>
internal sealed class WeightValues(ElementType type)
{
    private readonly byte[] _begun = new byte[8];
    private readonly int _size = SizeOf(type);
    private int _begunLength;

    public long Elements { get; private set; }
    public long NotANumber { get; private set; }
    public long Zeros { get; private set; }

    public static bool CanRead(ElementType type) => SizeOf(type) > 0;

    public void Add(ReadOnlySpan<byte> piece)
    {
        if (_begunLength > 0)
        {
            var take = Math.Min(_size - _begunLength, piece.Length);
            piece[..take].CopyTo(_begun.AsSpan(_begunLength));
            _begunLength += take;
            piece = piece[take..];
            if (_begunLength < _size) return;
            Count(_begun);
            _begunLength = 0;
        }
        for (; piece.Length >= _size; piece = piece[_size..]) Count(piece);
        piece.CopyTo(_begun);
        _begunLength = piece.Length;
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        Elements++;
        var value = type switch
        {
            ElementType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ElementType.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ElementType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ElementType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
            _ => (sbyte)bytes[0],
        };
        if (double.IsNaN(value)) NotANumber++;
        else if (value == 0) Zeros++;
    }

    // uint8 is left out: its zero is whatever the zero point says.
    private static int SizeOf(ElementType type) => type switch
    {
        ElementType.Float32 => 4,
        ElementType.Double => 8,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Int8 => 1,
        _ => 0,
    };
}
