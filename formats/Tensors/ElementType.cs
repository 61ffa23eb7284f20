namespace ZooPlatform.Formats.Tensors;

/// <summary>Element types with ONNX's numbers (TensorProto.DataType).</summary>
public enum ElementType
{
    Undefined = 0,
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
    Float8E4M3Fn = 17,
    Float8E4M3FnUz = 18,
    Float8E5M2 = 19,
    Float8E5M2FnUz = 20,
    UInt4 = 21,
    Int4 = 22,
    Float4E2M1 = 23,
    Float8E8M0 = 24,
    UInt2 = 25,
    Int2 = 26,
}

public static class ElementTypes
{
    private static readonly Dictionary<string, ElementType> s_byOpenInferenceName = Enum.GetValues<ElementType>()
        .Where(type => type.OpenInferenceName() is not null).ToDictionary(type => type.OpenInferenceName()!, StringComparer.Ordinal);

    public static bool IsKnown(this ElementType type) => type is > ElementType.Undefined and <= ElementType.Int2;

    /// <summary>The name used in inspections: <c>float32</c>, <c>int64</c>, <c>float8e4m3fn</c> ...; an unknown number is <c>type 999</c>.</summary>
    public static string Name(this ElementType type) => type.IsKnown() ? type.ToString().ToLowerInvariant() : $"type {(int)type}";

    /// <summary>Bits of one element, 0 for strings and for unknown types. Types below 8 bits are stored packed.</summary>
    public static int Bits(this ElementType type) => type switch
    {
        ElementType.UInt2 or ElementType.Int2 => 2,
        ElementType.UInt4 or ElementType.Int4 or ElementType.Float4E2M1 => 4,
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool or ElementType.Float8E8M0
            or (>= ElementType.Float8E4M3Fn and <= ElementType.Float8E5M2FnUz) => 8,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 32,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Double or ElementType.Complex64 => 64,
        ElementType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>The Open Inference Protocol's name (<c>FP32</c>, <c>BYTES</c> ...), or null where it has none.</summary>
    public static string? OpenInferenceName(this ElementType type) => type switch
    {
        ElementType.Bool => "BOOL",
        ElementType.UInt8 => "UINT8",
        ElementType.UInt16 => "UINT16",
        ElementType.UInt32 => "UINT32",
        ElementType.UInt64 => "UINT64",
        ElementType.Int8 => "INT8",
        ElementType.Int16 => "INT16",
        ElementType.Int32 => "INT32",
        ElementType.Int64 => "INT64",
        ElementType.Float16 => "FP16",
        ElementType.Float32 => "FP32",
        ElementType.Double => "FP64",
        ElementType.BFloat16 => "BF16",
        ElementType.String => "BYTES",
        _ => null,
    };

    /// <summary>The element type with this Open Inference name; <see cref="ElementType.Undefined"/> when there is none.</summary>
    public static ElementType FromOpenInferenceName(string name) => s_byOpenInferenceName.GetValueOrDefault(name);
}
