using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZooPlatform.Web.Pages;

/// <summary>JSON schemas as short texts: <c>{ id: string (uuid), items: Model[], next?: string | null }</c>.</summary>
internal sealed class SchemaText(JsonObject document)
{
    private const int MaxDepth = 4;
    private const int MaxLength = 4000;
    private const string SchemaPrefix = "#/components/schemas/";

    public string Of(JsonNode? schema)
    {
        var text = new StringBuilder();
        Write(text, schema, 0, "");
        return text.ToString();
    }

    private void Write(StringBuilder text, JsonNode? node, int depth, string indent)
    {
        if (text.Length > MaxLength || node is not JsonObject schema)
        {
            text.Append(node is JsonObject ? "..." : "any");
            return;
        }
        if (ApiReference.Text(schema, "$ref") is { } target && target.StartsWith(SchemaPrefix, StringComparison.Ordinal))
        {
            var name = target[SchemaPrefix.Length..];
            if (depth >= MaxDepth) text.Append(name);
            else Write(text, document["components"]?["schemas"]?[name], depth, indent);
            return;
        }
        foreach (var way in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema[way] is not JsonArray { Count: > 0 } ways) continue;
            for (var i = 0; i < ways.Count; i++)
            {
                if (i > 0) text.Append(way == "allOf" ? " & " : " | ");
                Write(text, ways[i], depth, indent);
            }
            return;
        }
        if (schema["enum"] is JsonArray { Count: > 0 } values)
        {
            text.AppendJoin(" | ", values.Select(value => value?.ToJsonString() ?? "null"));
            return;
        }
        var types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(type => type?.ToString() ?? "null")],
            JsonValue one => new List<string> { one.ToString() },
            _ => [schema["properties"] is not null ? "object" : "any"],
        };
        for (var i = 0; i < types.Count; i++)
        {
            if (i > 0) text.Append(" | ");
            if (types[i] == "array")
            {
                Write(text, schema["items"], depth, indent);
                text.Append("[]");
            }
            else if (types[i] == "object") WriteObject(text, schema, depth, indent);
            else text.Append(types[i]);
        }
        if (ApiReference.Text(schema, "format") is { } format && !types.Contains("object")) text.Append(" (").Append(format).Append(')');
    }

    private void WriteObject(StringBuilder text, JsonObject schema, int depth, string indent)
    {
        var members = ApiReference.Members(schema["properties"]).ToList();
        if (members.Count == 0 || depth >= MaxDepth)
        {
            text.Append(schema["additionalProperties"] is JsonObject ? "{ [name]: ... }" : "{ ... }");
            return;
        }
        var required = ApiReference.Items(schema["required"]).Select(name => name?.GetValueKind() == JsonValueKind.String ? name.GetValue<string>() : "").ToHashSet();
        var inner = indent + "  ";
        text.Append("{\n");
        foreach (var (name, member) in members)
        {
            text.Append(inner).Append(name).Append(required.Contains(name) ? ": " : "?: ");
            Write(text, member, depth + 1, inner);
            text.Append('\n');
        }
        text.Append(indent).Append('}');
    }
}
