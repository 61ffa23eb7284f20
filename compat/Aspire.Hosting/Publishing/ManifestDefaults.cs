using System.Text.Json;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes how a parameter gets its value when the operator gives none.</summary>
internal static class ManifestDefaults
{
    public static void Write(Utf8JsonWriter json, ParameterDefault? byDefault)
    {
        if (byDefault is null)
        {
            return;
        }

        json.WriteStartObject("default");
        if (byDefault is GenerateParameterDefault generate)
        {
            WriteGenerate(json, generate);
        }
        else
        {
            json.WriteString("value", byDefault.GetDefaultValue());
        }

        json.WriteEndObject();
    }

    /// <summary>Kinds of characters are named when they are off, minimums when they are not 0.</summary>
    private static void WriteGenerate(Utf8JsonWriter json, GenerateParameterDefault generate)
    {
        json.WriteStartObject("generate");
        json.WriteNumber("minLength", generate.MinLength);
        foreach (var (member, on) in new[] { ("lower", generate.Lower), ("upper", generate.Upper), ("numeric", generate.Numeric), ("special", generate.Special) })
        {
            if (!on)
            {
                json.WriteBoolean(member, false);
            }
        }

        foreach (var (member, min) in new[]
        {
            ("minLower", generate.MinLower), ("minUpper", generate.MinUpper), ("minNumeric", generate.MinNumeric), ("minSpecial", generate.MinSpecial),
        })
        {
            if (min != 0)
            {
                json.WriteNumber(member, min);
            }
        }

        json.WriteEndObject();
    }
}
