using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace ZooPlatform.Formats.Tensors;

/// <summary>A tensor's elements as the Open Inference Protocol carries them in binary: row-major, little-endian, BOOL one byte 0 or 1, BYTES
/// a 4-byte length and the bytes, one after the other. And what they are in JSON: NaN and the infinities, which JSON lacks, are
/// written as null, which the protocol's clients read as NaN.</summary>
public static class OpenInferenceData
{
    private const int MaxDepth = 16;
    private const int LengthBytes = sizeof(int);

    /// <exception cref="InvalidDataException">The bytes are not as many as type and shape ask for, or no BOOL, or a BYTES element is cut.</exception>
    public static void Check(string name, ElementType type, long[] shape, ReadOnlySpan<byte> bytes)
    {
        var elements = Tensor.Elements(shape);
        if (type == ElementType.String)
        {
            var count = 0L;
            for (var rest = bytes; !rest.IsEmpty; count++) Next(name, ref rest);
            if (count != elements) throw Miscounted(name, type, shape, elements, count);
            return;
        }
        var wanted = Tensor.ByteCount(type, elements);
        if (bytes.Length != wanted) throw new InvalidDataException($"Tensor '{name}': {type.OpenInferenceName() ?? type.Name()}[{string.Join(',', shape)}] needs {wanted} bytes and has {bytes.Length}.");
        if (type == ElementType.Bool && bytes.ContainsAnyExceptInRange<byte>(0, 1)) throw new InvalidDataException($"Tensor '{name}': a byte of BOOL is 0 or 1.");
    }

    /// <summary>The next element of BYTES; <paramref name="rest"/> becomes what follows it.</summary>
    /// <exception cref="InvalidDataException">It is cut.</exception>
    public static ReadOnlySpan<byte> Next(string name, ref ReadOnlySpan<byte> rest)
    {
        var length = rest.Length < LengthBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length < 0 || length > rest.Length - LengthBytes) throw new InvalidDataException($"Tensor '{name}': an element of BYTES is cut off.");
        var element = rest.Slice(LengthBytes, length);
        rest = rest[(LengthBytes + length)..];
        return element;
    }

    /// <summary>Puts an element of BYTES; how many bytes that took.</summary>
    public static int Put(Span<byte> into, ReadOnlySpan<byte> element)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, element.Length);
        element.CopyTo(into[LengthBytes..]);
        return LengthBytes + element.Length;
    }

    /// <summary>Room that <see cref="ReadJson"/> can need for elements that stand in at most so many bytes of JSON, however large the shape: a number is
    /// at least a digit and a comma, an empty text two quotes and a comma.</summary>
    public static int MostBytes(ElementType type, long[] shape, int jsonBytes) => type == ElementType.String
        ? (int)Math.Min(Array.MaxLength, (2L * jsonBytes) + LengthBytes)
        : (int)Math.Min(Tensor.ByteCount(type, Tensor.Elements(shape)), Math.Min(Array.MaxLength, ((jsonBytes / 2L) + 1) * (type.Bits() / 8)));

    /// <summary>Reads the list at which the reader stands, flat or nested as the shape has it, and leaves the reader at its end.</summary>
    /// <param name="into">At least <see cref="MostBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="InvalidDataException">An element does not fit the type, or their number or nesting the shape.</exception>
    public static int ReadJson(ref Utf8JsonReader reader, string name, ElementType type, long[] shape, Span<byte> into)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new InvalidDataException($"Tensor '{name}': data must be a list.");
        var elements = Tensor.Elements(shape);
        Span<long> children = stackalloc long[MaxDepth + 2];
        children.Clear();
        var (depth, leaves, used, seen) = (1, 0, 0, 0L);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                if (depth >= Math.Min(shape.Length, MaxDepth) || leaves == depth) throw Ragged(name, shape);
                children[depth]++;
                children[++depth] = 0;
            }
            else if (reader.TokenType == JsonTokenType.EndArray)
            {
                var isNested = depth > 1 || (leaves != 1 && children[1] > 0);
                if (isNested && children[depth] != shape[depth - 1]) throw Ragged(name, shape);
                if (--depth == 0) return seen == elements ? used : throw Miscounted(name, type, shape, elements, seen);
            }
            else
            {
                if (leaves == 0) leaves = depth == 1 || depth == shape.Length ? depth : throw Ragged(name, shape);
                if (leaves != depth || (depth == 1 && children[1] != seen)) throw Ragged(name, shape);
                if (++seen > elements) throw Miscounted(name, type, shape, elements, seen);
                children[depth]++;
                used += OpenInferenceElements.Read(ref reader, name, type, into[used..]);
            }
        }
        throw new InvalidDataException($"Tensor '{name}': data end early.");
    }

    /// <summary>Writes a flat list.</summary>
    /// <exception cref="InvalidDataException">The type has no place in JSON, or a BYTES element is no UTF-8: ask for binary.</exception>
    public static void WriteJson(Utf8JsonWriter writer, string name, ElementType type, ReadOnlySpan<byte> bytes)
    {
        if (type == ElementType.BFloat16 || type.OpenInferenceName() is null)
            throw new InvalidDataException($"Tensor '{name}': {type.OpenInferenceName() ?? type.Name()} cannot be written as JSON. Ask for binary: \"parameters\": {{\"binary_data\": true}}.");
        writer.WriteStartArray();
        if (type == ElementType.String)
        {
            for (var rest = bytes; !rest.IsEmpty;)
            {
                var text = Next(name, ref rest);
                if (!Utf8.IsValid(text)) throw new InvalidDataException($"Tensor '{name}' holds bytes that are no UTF-8 text. Ask for binary: \"parameters\": {{\"binary_data\": true}}.");
                writer.WriteStringValue(text);
            }
        }
        else
        {
            for (var width = type.Bits() / 8; !bytes.IsEmpty; bytes = bytes[width..]) OpenInferenceElements.Write(writer, type, bytes);
        }
        writer.WriteEndArray();
    }

    private static InvalidDataException Miscounted(string name, ElementType type, long[] shape, long wanted, long found) => new(
        $"Tensor '{name}': {type.OpenInferenceName()}[{string.Join(',', shape)}] needs {wanted} elements and has {(found > wanted ? "more" : found)}.");

    private static InvalidDataException Ragged(string name, long[] shape) =>
        new($"Tensor '{name}': data are nested otherwise than the shape [{string.Join(',', shape)}]. A flat list is taken as well.");
}
