using System.Text.Json;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>An output that a request names.</summary>
/// <param name="Binary">Its <c>binary_data</c>; null: as the request's <c>binary_data_output</c> says.</param>
internal sealed record WantedOutput(string Name, bool? Binary)
{
    /// <summary>Reads the list that follows. A name that comes twice is answered once.</summary>
    /// <exception cref="InvalidDataException">It is no such list.</exception>
    public static IReadOnlyList<WantedOutput> ReadList(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidDataException("'outputs' must be a list.");
        }

        var outputs = new List<WantedOutput>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var output = Read(ref reader);
            if (outputs.TrueForAll(known => known.Name != output.Name))
            {
                outputs.Add(output);
            }
        }

        return outputs;
    }

    /// <summary>A flag among the parameters that follow; null: not there.</summary>
    /// <exception cref="InvalidDataException">These are no parameters, or the flag is neither true nor false.</exception>
    public static bool? ReadFlag(ref Utf8JsonReader reader, ReadOnlySpan<byte> flag)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException("'parameters' must be an object.");
        }

        bool? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("classification"u8))
            {
                throw new InvalidDataException("'classification' is not served: ask for the output itself and take its largest elements.");
            }

            var isFlag = reader.ValueTextEquals(flag);
            reader.Read();
            if (isFlag)
            {
                found = reader.TokenType is JsonTokenType.True or JsonTokenType.False
                    ? reader.TokenType == JsonTokenType.True
                    : throw new InvalidDataException($"'{System.Text.Encoding.UTF8.GetString(flag)}' must be true or false.");
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    private static WantedOutput Read(ref Utf8JsonReader reader)
    {
        string? name = null;
        bool? binary = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException("Each of 'outputs' must be an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                binary = ReadFlag(ref reader, "binary_data"u8) ?? binary;
            }
            else
            {
                reader.Skip();
            }
        }

        return name is null ? throw new InvalidDataException("Each of 'outputs' needs the text 'name'.") : new WantedOutput(name, binary);
    }
}
