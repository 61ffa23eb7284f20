using System.Runtime.InteropServices;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>
/// Inputs for a model that brings no sample data: its declared shapes, each open dimension 1. Floats are uniform in [0, 1) from a
/// fixed seed; integers and booleans are 1, which is a valid index, token and mask in most models; strings are empty.
/// </summary>
internal static class SyntheticInputs
{
    private const long MaxBytes = 1L << 30;

    /// <exception cref="InvalidDataException">A shape is larger than 1 GiB, or of a type that cannot be made.</exception>
    public static IReadOnlyList<Tensor> For(IReadOnlyList<ValueSpec> inputs)
    {
        var random = new Random(20240);
        return [.. inputs.Select(input => Make(input, random))];
    }

    private static Tensor Make(ValueSpec input, Random random)
    {
        long[] shape = [.. input.Shape.Select(dim => dim < 0 ? 1 : dim)];
        var elements = shape.Aggregate(1d, (product, dim) => product * dim);
        if (elements * 16 > MaxBytes)
        {
            throw new InvalidDataException($"Input '{input.Name}' asks for {elements:0} elements; made-up inputs end at {MaxBytes} bytes. Add sample data (test_data_set_0/input_0.pb).");
        }

        var count = (int)elements;
        return input.Type switch
        {
            ElementType.String => Tensor.OfStrings(input.Name, shape, Enumerable.Repeat("", count)),
            ElementType.Float32 => Numbers(Fill(count, () => random.NextSingle())),
            ElementType.Double => Numbers(Fill(count, random.NextDouble)),
            ElementType.Float16 => Numbers(Fill(count, () => (Half)random.NextSingle())),
            ElementType.BFloat16 => Numbers(Fill(count, () => (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle()) >> 16))),
            ElementType.Int64 or ElementType.UInt64 => Numbers(Fill(count, () => 1L)),
            ElementType.Int32 or ElementType.UInt32 => Numbers(Fill(count, () => 1)),
            ElementType.Int16 or ElementType.UInt16 => Numbers(Fill(count, () => (short)1)),
            ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => Numbers(Fill(count, () => (byte)1)),
            _ => throw new InvalidDataException($"Input '{input.Name}' is {input.Type.Name()}, which cannot be made up. Add sample data (test_data_set_0/input_0.pb)."),
        };

        Tensor Numbers<T>(T[] values) where T : unmanaged =>
            Tensor.Of(input.Name, input.Type, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static T[] Fill<T>(int count, Func<T> next)
    {
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = next();
        }

        return values;
    }
}
