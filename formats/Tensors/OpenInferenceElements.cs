using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ZooPlatform.Formats.Tensors;

/// <summary>Single elements between little-endian bytes and JSON.</summary>
internal static class OpenInferenceElements
{
    public static void Write(Utf8JsonWriter writer, Tensor tensor, int index)
    {
        var width = tensor.Type.Bits() / 8;
        var bytes = tensor.Data.Span.Slice(index * width, width);
        switch (tensor.Type)
        {
            case ElementType.Bool: writer.WriteBooleanValue(bytes[0] != 0); break;
            case ElementType.Int64: writer.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(bytes)); break;
            case ElementType.UInt64: writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(bytes)); break;
            default: WriteNumber(writer, tensor.Type, tensor.At(index)); break;
        }
    }

    public static Tensor Read(string name, ElementType type, long[] shape, JsonElement data)
    {
        if (type == ElementType.String)
        {
            var strings = new List<byte[]>();
            ForEach(data, 0, name, element => strings.Add(element.ValueKind == JsonValueKind.String
                ? Encoding.UTF8.GetBytes(element.GetString()!) : throw Wrong(name, type, element)));
            return Tensor.OfStrings(name, shape, strings);
        }
        using var bytes = new MemoryStream();
        var width = type.Bits() / 8;
        var buffer = new byte[8];
        ForEach(data, 0, name, element =>
        {
            if (!TryPut(buffer, type, element)) throw Wrong(name, type, element);
            bytes.Write(buffer, 0, width);
        });
        return Tensor.Of(name, type, shape, bytes.ToArray());
    }

    private static void WriteNumber(Utf8JsonWriter writer, ElementType type, double value)
    {
        if (double.IsNaN(value)) writer.WriteStringValue("NaN");
        else if (double.IsInfinity(value)) writer.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
        else if (type is ElementType.Float32 or ElementType.Float16) writer.WriteNumberValue((float)value);
        else writer.WriteNumberValue(value);
    }

    private static void ForEach(JsonElement data, int depth, string name, Action<JsonElement> onElement)
    {
        if (depth > 16) throw new InvalidDataException($"Tensor '{name}': data are nested deeper than 16.");
        foreach (var element in data.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Array) ForEach(element, depth + 1, name, onElement);
            else onElement(element);
        }
    }

    private static bool TryPut(Span<byte> into, ElementType type, JsonElement element)
    {
        if (type == ElementType.Bool)
        {
            into[0] = element.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0;
            return element.ValueKind is JsonValueKind.True or JsonValueKind.False;
        }
        if (type is ElementType.Float32 or ElementType.Double or ElementType.Float16) return TryPutFloat(into, type, element);
        if (element.ValueKind != JsonValueKind.Number) return false;
        if (type == ElementType.UInt64)
        {
            var ok = element.TryGetUInt64(out var large);
            BinaryPrimitives.WriteUInt64LittleEndian(into, large);
            return ok;
        }
        if (!element.TryGetInt64(out var whole)) return false;
        BinaryPrimitives.WriteInt64LittleEndian(into, whole);
        var (least, most) = Range(type);
        return whole >= least && whole <= most;
    }

    private static bool TryPutFloat(Span<byte> into, ElementType type, JsonElement element)
    {
        double value;
        if (element.ValueKind == JsonValueKind.String)
        {
            value = element.GetString() switch { "NaN" => double.NaN, "Infinity" => double.PositiveInfinity, "-Infinity" => double.NegativeInfinity, _ => 0 };
            if (value == 0) return false;
        }
        else if (element.ValueKind != JsonValueKind.Number || !element.TryGetDouble(out value)) return false;

        if (type == ElementType.Double) BinaryPrimitives.WriteDoubleLittleEndian(into, value);
        else if (type == ElementType.Float32) BinaryPrimitives.WriteSingleLittleEndian(into, (float)value);
        else BinaryPrimitives.WriteHalfLittleEndian(into, (Half)value);
        return true;
    }

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

    private static InvalidDataException Wrong(string name, ElementType type, JsonElement element)
    {
        var text = element.GetRawText();
        return new InvalidDataException($"Tensor '{name}': {(text.Length > 40 ? text[..40] + "…" : text)} is no {type.OpenInferenceName()}.");
    }
}
