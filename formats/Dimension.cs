using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZooPlatform.Formats;

/// <summary>
/// One dimension of a shape: a length, a name (symbolic), or neither (unknown).
/// In JSON a number, a string or null: <c>[1, "batch", null]</c>.
/// </summary>
[JsonConverter(typeof(DimensionConverter))]
public readonly record struct Dimension(long? Length, string? Name)
{
    public static readonly Dimension Unknown = new(null, null);

    public static Dimension Of(long length) => new(length, null);

    public static Dimension Named(string name) => new(null, name);

    public override string ToString() => Length?.ToString(CultureInfo.InvariantCulture) ?? Name ?? "?";
}

internal sealed class DimensionConverter : JsonConverter<Dimension>
{
    public override bool HandleNull => true;

    public override Dimension Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Dimension.Of(reader.GetInt64()),
        JsonTokenType.String => Dimension.Named(reader.GetString()!),
        JsonTokenType.Null => Dimension.Unknown,
        _ => throw new JsonException("A dimension is a number, a name or null."),
    };

    public override void Write(Utf8JsonWriter writer, Dimension value, JsonSerializerOptions options)
    {
        if (value.Length is { } length) writer.WriteNumberValue(length);
        else writer.WriteStringValue(value.Name);
    }
}
