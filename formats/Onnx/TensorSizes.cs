using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>What a tensor's declaration asks for; null when that is no number (negative, past 2^63, unknown type).</summary>
internal static class TensorSizes
{
    public static long? Elements(OnnxTensor tensor) => Product(tensor.Dims);

    public static long? Bytes(OnnxTensor tensor)
    {
        if (tensor.Type == ElementType.String) return tensor.TypedBytes;
        if (tensor.Type.Bits() == 0 || Elements(tensor) is not { } elements) return null;
        var bytes = (((Int128)elements * tensor.Type.Bits()) + 7) / 8;
        return bytes <= long.MaxValue ? (long)bytes : null;
    }

    public static long? Product(IReadOnlyList<long> dims)
    {
        Int128 product = 1;
        foreach (var dim in dims)
        {
            product *= dim;
            if (dim < 0 || product > long.MaxValue) return null;
        }
        return (long)product;
    }
}
