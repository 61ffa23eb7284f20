using System.Text;
using System.Text.Json;

namespace ZooPlatform.Formats.Tensors;

/// <summary>
/// Tensors as the Open Inference Protocol's JSON: <c>{"name","datatype","shape","data"}</c>, data flat and row-major.
/// NaN and the infinities, which JSON lacks, are the texts "NaN", "Infinity" and "-Infinity". BF16 is not carried in JSON.
/// </summary>
public static class OpenInferenceTensors
{
    /// <exception cref="InvalidDataException">The element type has no place in the protocol's JSON.</exception>
    public static void Write(Utf8JsonWriter writer, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Type == ElementType.BFloat16 || tensor.Type.OpenInferenceName() is not { } datatype)
        {
            throw new InvalidDataException($"Tensor '{tensor.Name}': {tensor.Type.Name()} cannot be written as JSON.");
        }
        writer.WriteStartObject();
        writer.WriteString("name", tensor.Name);
        writer.WriteString("datatype", datatype);
        writer.WriteStartArray("shape");
        foreach (var dim in tensor.Shape) writer.WriteNumberValue(dim);
        writer.WriteEndArray();
        writer.WriteStartArray("data");
        foreach (var text in tensor.Strings) writer.WriteStringValue(Encoding.UTF8.GetString(text));
        if (tensor.Type != ElementType.String)
        {
            for (var i = 0; i < tensor.Length; i++) OpenInferenceElements.Write(writer, tensor, i);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads one tensor; its data may be flat or nested.</summary>
    /// <exception cref="InvalidDataException">A field is missing or wrong, an element does not fit the type, or their number does not fit the shape.</exception>
    public static Tensor Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new InvalidDataException("A tensor is an object with name, datatype, shape and data.");
        var name = Text(json, "name");
        var datatype = Text(json, "datatype");
        var type = ElementTypes.FromOpenInferenceName(datatype);
        if (type is ElementType.Undefined or ElementType.BFloat16) throw new InvalidDataException($"Tensor '{name}': datatype '{datatype}' is not taken in JSON.");
        if (!json.TryGetProperty("shape", out var dims) || dims.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"Tensor '{name}': shape must be a list of whole numbers.");
        var shape = dims.EnumerateArray().Select(dim => dim.ValueKind == JsonValueKind.Number && dim.TryGetInt64(out var length) && length >= 0
            ? length : throw new InvalidDataException($"Tensor '{name}': a dimension of its shape is no whole number from 0 on.")).ToArray();
        if (!json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"Tensor '{name}': data must be a list.");
        return OpenInferenceElements.Read(name, type, shape, data);
    }

    private static string Text(JsonElement json, string field) =>
        json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : throw new InvalidDataException($"A tensor needs the text '{field}'.");
}
