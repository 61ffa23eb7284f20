using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZooPlatform.Tests.Support;

/// <summary>The part of JSON Schema that the manifest's schema (draft-07) and the API's document (2020-12) use. A keyword outside it is
/// an error, not a pass.</summary>
/// <param name="root">The schema; or the document that holds it and what it refers to.</param>
public sealed class JsonSchema(JsonElement root)
{
    private static readonly HashSet<string> Silent = ["$schema", "$id", "description", "default", "definitions", "title", "example", "examples"];

    /// <summary>What is wrong, each with its place; empty when the value is valid.</summary>
    public IReadOnlyList<string> Validate(JsonElement value) => Validate(root, value);

    /// <summary>The same for a schema somewhere in the document.</summary>
    public IReadOnlyList<string> Validate(JsonElement schema, JsonElement value) => [.. Errors(schema, value, "$")];

    /// <summary>What a reference stands for; anything else is itself.</summary>
    public JsonElement Follow(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference) ? Follow(Resolve(reference.GetString()!)) : element;

    private IEnumerable<string> Errors(JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True ? [] : [$"{at}: nothing is allowed here"];
        }

        return schema.EnumerateObject().SelectMany(keyword => keyword.Name switch
        {
            "$ref" => Errors(Resolve(keyword.Value.GetString()!), value, at),
            "type" => IsOfType(value, keyword.Value) ? [] : [$"{at}: is {value.ValueKind}, not {keyword.Value}"],
            "const" => JsonElement.DeepEquals(keyword.Value, value) ? [] : [$"{at}: is not {keyword.Value}"],
            "enum" => keyword.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)) ? [] : [$"{at}: {value} is none of {keyword.Value}"],
            "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= keyword.Value.GetInt32() ? [] : [$"{at}: is too short"],
            "required" => value.ValueKind != JsonValueKind.Object ? [] : keyword.Value.EnumerateArray().Select(name => name.GetString()!)
                .Where(name => !value.TryGetProperty(name, out _)).Select(name => $"{at}: '{name}' is missing"),
            "properties" or "additionalProperties" => MemberErrors(schema, keyword, value, at),
            "items" => value.ValueKind != JsonValueKind.Array ? [] : value.EnumerateArray().SelectMany((item, i) => Errors(keyword.Value, item, $"{at}[{i}]")),
            "allOf" => keyword.Value.EnumerateArray().SelectMany(one => Errors(one, value, at)),
            "not" => Errors(keyword.Value, value, at).Any() ? [] : [$"{at}: matches what it must not"],
            "oneOf" => OneOfErrors(keyword.Value, value, at),
            "anyOf" => keyword.Value.EnumerateArray().Any(one => !Errors(one, value, at).Any()) ? [] : [$"{at}: matches none of the choices"],
            "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!) ? [] : [$"{at}: '{value}' is not {keyword.Value}"],
            "format" => value.ValueKind != JsonValueKind.String || IsOfFormat(value.GetString()!, keyword.Value.GetString()!) ? [] : [$"{at}: '{value}' is no {keyword.Value}"],
            "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= keyword.Value.GetDouble() ? [] : [$"{at}: {value} is below {keyword.Value}"],
            "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= keyword.Value.GetDouble() ? [] : [$"{at}: {value} is above {keyword.Value}"],
            _ when Silent.Contains(keyword.Name) => [],
            _ => throw new NotSupportedException($"The schema uses '{keyword.Name}', which this validator does not know."),
        });
    }

    private IEnumerable<string> MemberErrors(JsonElement schema, JsonProperty keyword, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        if (keyword.Name == "properties")
        {
            return keyword.Value.EnumerateObject().Where(property => value.TryGetProperty(property.Name, out _))
                .SelectMany(property => Errors(property.Value, value.GetProperty(property.Name), $"{at}.{property.Name}"));
        }

        var named = schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(property => property.Name).ToHashSet() : [];
        return value.EnumerateObject().Where(member => !named.Contains(member.Name))
            .SelectMany(member => Errors(keyword.Value, member.Value, $"{at}.{member.Name}"));
    }

    private IEnumerable<string> OneOfErrors(JsonElement choices, JsonElement value, string at)
    {
        var results = choices.EnumerateArray().Select(choice => Errors(choice, value, at).ToArray()).ToArray();
        var matches = results.Count(errors => errors.Length == 0);
        return matches == 1
            ? []
            : [$"{at}: matches {matches} of {results.Length} choices; nearest: {string.Join("; ", results.MinBy(errors => errors.Length)!)}"];
    }

    private JsonElement Resolve(string reference) =>
        reference[2..].Split('/').Aggregate(root, (element, name) => element.GetProperty(name));

    /// <summary>Stricter than the standard where docs/api.md is: a time is in UTC, with milliseconds.</summary>
    private static bool IsOfFormat(string text, string format) => format switch
    {
        "date-time" => DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "int32" or "int64" or "double" or "binary" => true,
        _ => throw new NotSupportedException($"The schema asks for the format '{format}', which this validator does not know."),
    };

    private static bool IsOfType(JsonElement value, JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(one => IsOfType(value, one))
        : type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "null" => value.ValueKind == JsonValueKind.Null,
            var other => throw new NotSupportedException($"The schema asks for the type '{other}', which this validator does not know."),
        };
}
