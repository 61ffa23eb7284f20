using System.Text;
using System.Text.Json;

namespace ZooPlatform.Formats.Safetensors;

/// <summary>The JSON of a safetensors file, checked as the reference library checks it.</summary>
internal sealed class SafetensorsHeader
{
    private readonly List<(long Begin, long End)> _places = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = [];
    public long Elements { get; private set; }
    public long Bytes { get; private set; }

    /// <exception cref="InvalidDataException">A name twice, a shape that does not fit its bytes, a type that is none.</exception>
    /// <exception cref="JsonException">No JSON.</exception>
    public void Read(ReadOnlySpan<byte> json, InspectionLimits limits)
    {
        if (json.IsEmpty || json[0] != '{') throw new InvalidDataException("The header does not begin with '{'.");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            if (!_names.Add(name)) throw new InvalidDataException($"The tensor {UntrustedText.Quote(name)} stands here twice.");
            if (_names.Count > limits.MaxParts) throw new InvalidDataException($"More than {limits.MaxParts} tensors.");
            reader.Read();
            if (name == "__metadata__") ReadMetadata(ref reader);
            else ReadTensor(ref reader, name, limits);
        }
        if (reader.Read()) throw new InvalidDataException("More stands behind the header's object.");
    }

    /// <summary>The tensors must fill the bytes behind the header exactly: no hole, no overlap, no tail.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void CheckOffsets(long available)
    {
        _places.Sort();
        var at = 0L;
        foreach (var (begin, end) in _places)
        {
            if (begin != at) throw new InvalidDataException($"The tensors leave a hole or overlap at byte {Math.Min(begin, at)}.");
            at = end;
        }
        if (at != available) throw new InvalidDataException($"The tensors take {at} bytes and the file holds {available}.");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("__metadata__ must map texts to texts.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw new InvalidDataException("__metadata__ must map texts to texts.");
            Metadata[key] = Text(ref reader);
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name, InspectionLimits limits)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Wrong(name);
        var (type, shape, offsets) = ("", (List<long>?)null, (List<long>?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "dtype" when reader.TokenType == JsonTokenType.String: type = reader.GetString()!; break;
                case "shape": shape = Numbers(ref reader, name, limits.MaxRank); break;
                case "data_offsets": offsets = Numbers(ref reader, name, 2); break;
                default: throw Wrong(name);
            }
        }
        if (shape is null || offsets is not { Count: 2 }) throw Wrong(name);
        var elements = Onnx.TensorSizes.Product(shape) ?? throw Wrong(name);
        var bits = Bits(type) ?? throw new InvalidDataException($"The tensor {UntrustedText.Quote(name)} has the unknown type {UntrustedText.Quote(type)}.");
        if (offsets[1] < offsets[0] || (Int128)elements * bits != (Int128)(offsets[1] - offsets[0]) * 8) throw Wrong(name);
        _places.Add((offsets[0], offsets[1]));
        Elements += elements;
        Bytes += offsets[1] - offsets[0];
    }

    private static List<long> Numbers(ref Utf8JsonReader reader, string name, int most)
    {
        var numbers = new List<long>();
        if (reader.TokenType != JsonTokenType.StartArray) throw Wrong(name);
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (numbers.Count == most || !reader.TryGetInt64(out var number) || number < 0) throw Wrong(name);
            numbers.Add(number);
        }
        return reader.TokenType == JsonTokenType.EndArray ? numbers : throw Wrong(name);
    }

    private static int? Bits(string type) => type switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" or "F8_E8M0" or "F8_E5M2FNUZ" or "F8_E4M3FNUZ" => 8,
        "I16" or "U16" or "F16" or "BF16" => 16,
        "I32" or "U32" or "F32" => 32,
        "I64" or "U64" or "F64" or "C64" => 64,
        _ => null,
    };

    // Escapes may spell half a surrogate pair, which is no text.
    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return UntrustedText.Decode(Encoding.UTF8.GetBytes(reader.GetString()!));
        }
        catch (InvalidOperationException)
        {
            throw new InvalidDataException("The header holds text that is no UTF-8.");
        }
    }

    private static InvalidDataException Wrong(string name) =>
        new($"The tensor {UntrustedText.Quote(name)} has a type, shape and place that do not fit together.");
}
