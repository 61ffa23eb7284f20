using System.Runtime.InteropServices;
using System.Text.Json;

namespace ZooPlatform.Formats.Tensors;

/// <summary>A tensor of a request or an answer of the Open Inference Protocol.</summary>
/// <param name="BinaryBytes">Bytes of it that follow the JSON; null: its data stand in the JSON.</param>
/// <param name="Data">The elements from the JSON, as <see cref="OpenInferenceData"/> lays them out; empty when they follow it.</param>
public sealed record OpenInferenceTensor(string Name, ElementType Type, long[] Shape, long? BinaryBytes, ReadOnlyMemory<byte> Data);

/// <summary>Tensors in the Open Inference Protocol's JSON: <c>{"name","datatype","shape","data"}</c>, or
/// <c>"parameters":{"binary_data_size":N}</c> in place of <c>data</c>. BF16 has no JSON data.</summary>
public static class OpenInferenceTensors
{
    /// <summary>Writes one tensor, its data in the JSON.</summary>
    /// <exception cref="InvalidDataException">It has no place in JSON.</exception>
    public static void Write(Utf8JsonWriter writer, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(tensor);
        WriteHead(writer, tensor.Name, tensor.Type, tensor.Shape);
        writer.WritePropertyName("data"u8);
        OpenInferenceData.WriteJson(writer, tensor.Name, tensor.Type, tensor.WireBytes.Span);
        writer.WriteEndObject();
    }

    /// <summary>Writes one tensor whose data follow the JSON.</summary>
    public static void WriteBinary(Utf8JsonWriter writer, string name, ElementType type, IReadOnlyList<long> shape, long bytes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        WriteHead(writer, name, type, shape);
        writer.WriteStartObject("parameters"u8);
        writer.WriteNumber("binary_data_size"u8, bytes);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Begins an object with name, datatype and shape.</summary>
    public static void WriteHead(Utf8JsonWriter writer, string name, ElementType type, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(shape);
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("datatype"u8, type.OpenInferenceName() ?? throw new InvalidDataException($"Tensor '{name}': {type.Name()} has no place in the Open Inference Protocol."));
        writer.WriteStartArray("shape"u8);
        foreach (var dim in shape) writer.WriteNumberValue(dim);
        writer.WriteEndArray();
    }

    /// <summary>Reads one tensor with its data in the JSON.</summary>
    /// <exception cref="InvalidDataException">A field is missing or wrong, an element does not fit the type, or their number does not fit the shape.</exception>
    public static Tensor Read(JsonElement json)
    {
        var none = ReadOnlyMemory<byte>.Empty;
        return Read(json, ref none);
    }

    /// <summary>Reads one tensor with its data in the JSON or after it.</summary>
    /// <param name="binary">What follows the JSON; becomes what follows this tensor.</param>
    /// <inheritdoc cref="Read(JsonElement)"/>
    public static Tensor Read(JsonElement json, ref ReadOnlyMemory<byte> binary)
    {
        var text = JsonMarshal.GetRawUtf8Value(json);
        var reader = new Utf8JsonReader(text);
        reader.Read();
        var (name, type, shape, follows, data) = Read(ref reader, text.Length, bytes => new byte[bytes]);
        if (follows is { } bytes)
        {
            if (bytes > binary.Length) throw new InvalidDataException($"Tensor '{name}': binary_data_size is {bytes}, and {binary.Length} bytes follow.");
            data = binary[..(int)bytes];
            binary = binary[(int)bytes..];
        }
        return Tensor.OfWire(name, type, shape, data);
    }

    /// <summary>Reads the tensor at which the reader stands and leaves the reader at its end. Unknown members are ignored.</summary>
    /// <param name="jsonBytes">Length of what the reader reads: what the shape says is not believed.</param>
    /// <param name="rent">Gives memory of at least so many bytes.</param>
    /// <inheritdoc cref="Read(JsonElement)"/>
    public static OpenInferenceTensor Read(ref Utf8JsonReader reader, int jsonBytes, Func<int, Memory<byte>> rent)
    {
        ArgumentNullException.ThrowIfNull(rent);
        if (reader.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("A tensor is an object with name, datatype, shape and data.");
        string? name = null, datatype = null;
        long[]? shape = null;
        long? binaryBytes = null;
        var (hasData, isRead) = (false, false);
        Utf8JsonReader later = default;
        ReadOnlyMemory<byte> data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = Text(ref reader, "name");
            else if (reader.ValueTextEquals("datatype"u8)) datatype = Text(ref reader, "datatype");
            else if (reader.ValueTextEquals("shape"u8)) shape = Shape(ref reader, name);
            else if (reader.ValueTextEquals("parameters"u8)) binaryBytes = BinaryBytes(ref reader, name) ?? binaryBytes;
            else if (reader.ValueTextEquals("data"u8))
            {
                (hasData, isRead) = (true, name is not null && datatype is not null && shape is not null);
                reader.Read();
                if (isRead) data = ReadData(ref reader, name!, TypeOf(name!, datatype!), shape!, jsonBytes, rent);
                else
                {
                    later = reader;   // type and shape come after the data: these are read again then
                    reader.Skip();
                }
            }
            else reader.Skip();
        }
        if (name is null) throw new InvalidDataException("A tensor needs the text 'name'.");
        if (datatype is null) throw new InvalidDataException($"Tensor '{name}' needs the text 'datatype'.");
        if (shape is null) throw new InvalidDataException($"Tensor '{name}': shape must be a list of whole numbers.");
        if (hasData == binaryBytes is not null) throw new InvalidDataException(hasData
            ? $"Tensor '{name}' has both data and binary_data_size; it can have one of them."
            : $"Tensor '{name}': data must be a list, or parameters must have a binary_data_size.");
        if (hasData && !isRead) data = ReadData(ref later, name, TypeOf(name, datatype), shape, jsonBytes, rent);
        return new OpenInferenceTensor(name, TypeOf(name, datatype), shape, binaryBytes, data);
    }

    private static ReadOnlyMemory<byte> ReadData(ref Utf8JsonReader reader, string name, ElementType type, long[] shape, int jsonBytes, Func<int, Memory<byte>> rent)
    {
        if (type == ElementType.BFloat16) throw new InvalidDataException($"Tensor '{name}': datatype 'BF16' is not taken in JSON. Send binary data.");
        var bytes = rent(OpenInferenceData.MostBytes(type, shape, jsonBytes - (int)reader.BytesConsumed));
        return bytes[..OpenInferenceData.ReadJson(ref reader, name, type, shape, bytes.Span)];
    }

    private static ElementType TypeOf(string name, string datatype) => ElementTypes.FromOpenInferenceName(datatype) is var type and not ElementType.Undefined
        ? type : throw new InvalidDataException($"Tensor '{name}': there is no datatype '{datatype}'.");

    private static string Text(ref Utf8JsonReader reader, string field)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String) throw new InvalidDataException($"A tensor needs the text '{field}'.");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidDataException($"A tensor's '{field}' is no Unicode text.");
        }
    }

    private static long[] Shape(ref Utf8JsonReader reader, string? name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) throw new InvalidDataException($"Tensor '{name}': shape must be a list of whole numbers.");
        var dims = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            dims.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var dim) && dim >= 0
                ? dim : throw new InvalidDataException($"Tensor '{name}': a dimension of its shape is no whole number from 0 on."));
        }
        return [.. dims];
    }

    private static long? BinaryBytes(ref Utf8JsonReader reader, string? name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new InvalidDataException($"Tensor '{name}': parameters must be an object.");
        long? bytes = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSize = reader.ValueTextEquals("binary_data_size"u8);
            reader.Read();
            if (isSize) bytes = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var size) && size >= 0
                ? size : throw new InvalidDataException($"Tensor '{name}': binary_data_size is no whole number from 0 on.");
            else reader.Skip();
        }
        return bytes;
    }
}
