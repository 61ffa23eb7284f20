using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ZooPlatform.Formats.Tensors;

/// <summary>Single elements between bytes and JSON. Whole numbers go without a detour over floating point: 64 bits stay exact.</summary>
internal static class OpenInferenceElements
{
    /// <summary>Reads the element at which the reader stands.</summary>
    /// <returns>Bytes written.</returns>
    public static int Read(ref Utf8JsonReader reader, string name, ElementType type, Span<byte> into)
    {
        var isNumber = reader.TokenType == JsonTokenType.Number;
        var fits = type switch
        {
            ElementType.String => reader.TokenType == JsonTokenType.String,
            ElementType.Bool => reader.TokenType is JsonTokenType.True or JsonTokenType.False,
            ElementType.Float32 or ElementType.Double or ElementType.Float16 => isNumber || (reader.TokenType == JsonTokenType.String && NotFinite(ref reader) is not null),
            _ => isNumber,
        };
        if (!fits) throw Wrong(ref reader, name, type);
        switch (type)
        {
            case ElementType.String:
                return PutText(ref reader, name, into);
            case ElementType.Bool:
                into[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
                return 1;
            case ElementType.Float32 or ElementType.Double or ElementType.Float16:
                return PutFloat(ref reader, name, type, into);
            case ElementType.UInt64:
                if (!reader.TryGetUInt64(out var large)) throw Wrong(ref reader, name, type);
                BinaryPrimitives.WriteUInt64LittleEndian(into, large);
                return 8;
            default:
                return PutWhole(ref reader, name, type, into);
        }
    }

    /// <summary>Writes the first element.</summary>
    public static void Write(Utf8JsonWriter writer, ElementType type, ReadOnlySpan<byte> bytes)
    {
        switch (type)
        {
            case ElementType.Bool: writer.WriteBooleanValue(bytes[0] != 0); break;
            case ElementType.Int8: writer.WriteNumberValue((sbyte)bytes[0]); break;
            case ElementType.UInt8: writer.WriteNumberValue(bytes[0]); break;
            case ElementType.Int16: writer.WriteNumberValue(BinaryPrimitives.ReadInt16LittleEndian(bytes)); break;
            case ElementType.UInt16: writer.WriteNumberValue(BinaryPrimitives.ReadUInt16LittleEndian(bytes)); break;
            case ElementType.Int32: writer.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(bytes)); break;
            case ElementType.UInt32: writer.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(bytes)); break;
            case ElementType.Int64: writer.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(bytes)); break;
            case ElementType.UInt64: writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(bytes)); break;
            case ElementType.Double: Write(writer, BinaryPrimitives.ReadDoubleLittleEndian(bytes)); break;
            case ElementType.Float16: Write(writer, (float)BinaryPrimitives.ReadHalfLittleEndian(bytes)); break;
            default: Write(writer, BinaryPrimitives.ReadSingleLittleEndian(bytes)); break;
        }
    }

    private static void Write(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }

    private static void Write(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }

    private static int PutText(ref Utf8JsonReader reader, string name, Span<byte> into)
    {
        try
        {
            var length = reader.CopyString(into[sizeof(int)..]);
            BinaryPrimitives.WriteInt32LittleEndian(into, length);
            return sizeof(int) + length;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidDataException($"Tensor '{name}': a text holds half a surrogate pair, which is no Unicode. Send bytes as binary data.");
        }
    }

    private static int PutFloat(ref Utf8JsonReader reader, string name, ElementType type, Span<byte> into)
    {
        var named = reader.TokenType == JsonTokenType.String ? NotFinite(ref reader) : null;
        if (type == ElementType.Float32)
        {
            var single = named is { } n ? (float)n : reader.TryGetSingle(out var s) && float.IsFinite(s) ? s : throw Wrong(ref reader, name, type);
            BinaryPrimitives.WriteSingleLittleEndian(into, single);
            return 4;
        }
        var value = named ?? (reader.TryGetDouble(out var d) && double.IsFinite(d) ? d : throw Wrong(ref reader, name, type));
        if (type == ElementType.Double)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(into, value);
            return 8;
        }
        if (named is null && !Half.IsFinite((Half)value)) throw Wrong(ref reader, name, type);
        BinaryPrimitives.WriteHalfLittleEndian(into, (Half)value);
        return 2;
    }

    private static int PutWhole(ref Utf8JsonReader reader, string name, ElementType type, Span<byte> into)
    {
        var (least, most) = Range(type);
        if (!reader.TryGetInt64(out var whole) || whole < least || whole > most) throw Wrong(ref reader, name, type);
        switch (type)
        {
            case ElementType.Int8 or ElementType.UInt8: into[0] = (byte)whole; return 1;
            case ElementType.Int16 or ElementType.UInt16: BinaryPrimitives.WriteInt16LittleEndian(into, (short)whole); return 2;
            case ElementType.Int32 or ElementType.UInt32: BinaryPrimitives.WriteInt32LittleEndian(into, (int)whole); return 4;
            default: BinaryPrimitives.WriteInt64LittleEndian(into, whole); return 8;
        }
    }

    private static double? NotFinite(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("NaN"u8) ? double.NaN
        : reader.ValueTextEquals("Infinity"u8) ? double.PositiveInfinity
        : reader.ValueTextEquals("-Infinity"u8) ? double.NegativeInfinity : null;

    private static (long Least, long Most) Range(ElementType type) => type switch
    {
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
        ElementType.Int16 => (short.MinValue, short.MaxValue),
        ElementType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        ElementType.Int32 => (int.MinValue, int.MaxValue),
        ElementType.UInt32 => (uint.MinValue, uint.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    private static InvalidDataException Wrong(ref Utf8JsonReader reader, string name, ElementType type)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.String => "a text",
            _ => Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(40, reader.ValueSpan.Length)]),
        };
        return new InvalidDataException($"Tensor '{name}': {text} is no {type.OpenInferenceName()}.");
    }
}
