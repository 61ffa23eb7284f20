using System.Buffers.Binary;

namespace ZooPlatform.Formats.Tensors;

/// <summary>Single elements of a tensor as numbers.</summary>
public static class TensorNumbers
{
    /// <summary>Whether <see cref="At"/> can give every element of the type as a number.</summary>
    public static bool IsNumeric(this ElementType type) => type.Bits() is >= 8 and <= 64
        && type is not (ElementType.Complex64 or (>= ElementType.Float8E4M3Fn and <= ElementType.Float8E5M2FnUz) or ElementType.Float8E8M0);

    /// <summary>Element <paramref name="index"/> (row-major) as a double; integers past 2^53 are rounded.</summary>
    /// <exception cref="InvalidDataException">The type is not numeric (<see cref="IsNumeric"/>).</exception>
    public static double At(this Tensor tensor, int index)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!tensor.Type.IsNumeric()) throw new InvalidDataException($"Tensor '{tensor.Name}': {tensor.Type.Name()} cannot be read as numbers.");
        var width = tensor.Type.Bits() / 8;
        var bytes = tensor.Data.Span.Slice(index * width, width);
        return tensor.Type switch
        {
            ElementType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ElementType.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ElementType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ElementType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
            ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ElementType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ElementType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            ElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            ElementType.Int8 => (sbyte)bytes[0],
            _ => bytes[0],
        };
    }
}
