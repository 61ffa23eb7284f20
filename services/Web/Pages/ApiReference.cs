using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZooPlatform.Web.Pages;

/// <summary>An OpenAPI document as a page shows it. What is not as the specification has it is left out.</summary>
internal sealed class ApiReference
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "patch", "head"];
    private readonly JsonObject _document;

    public ApiReference(JsonObject document)
    {
        _document = document;
        var schemas = new SchemaText(document);
        var operations = from path in Members(document["paths"])
                         from method in s_methods
                         let operation = path.Value?[method] as JsonObject
                         where operation is not null
                         select OperationOf(path.Key, method, operation, path.Value as JsonObject, schemas);
        var byTag = operations.ToLookup(operation => operation.Tag, StringComparer.Ordinal);
        var described = Items(document["tags"]).Select(tag => (Name: Text(tag, "name") ?? "", Description: Text(tag, "description"))).DistinctBy(tag => tag.Name).ToList();
        var rest = byTag.Select(group => group.Key).Except(described.Select(tag => tag.Name)).Order(StringComparer.Ordinal).Select(name => (Name: name, Description: (string?)null));
        Tags = [.. described.Concat(rest).Where(tag => byTag.Contains(tag.Name)).Select(tag => new ApiTag(tag.Name, tag.Description, [.. byTag[tag.Name]]))];
    }

    public string? Description => Text(_document["info"], "description");

    /// <summary>Services whose part is missing just now.</summary>
    public IReadOnlyList<string> Missing => [.. Items(_document["x-missing"]).Select(item => item?.ToString()).OfType<string>()];

    public IReadOnlyList<ApiTag> Tags { get; }

    /// <summary>Only operations that hold all words.</summary>
    public IReadOnlyList<ApiTag> Matching(string query)
    {
        var words = query.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return [.. Tags.Select(tag => tag with { Operations = [.. tag.Operations.Where(operation => words.All(word => operation.Haystack.Contains(word, StringComparison.OrdinalIgnoreCase)))] })
            .Where(tag => tag.Operations.Count > 0)];
    }

    private ApiOperation OperationOf(string path, string method, JsonObject operation, JsonObject? item, SchemaText schemas)
    {
        var parameters = Items(item?["parameters"]).Concat(Items(operation["parameters"])).Select(Resolved).OfType<JsonObject>().Select(parameter => new ApiParameter(
            Text(parameter, "name") ?? "", Text(parameter, "in") ?? "", parameter["required"]?.ToString() == "true", schemas.Of(parameter["schema"]),
            Text(parameter, "description"), Example(parameter) ?? Example(parameter["schema"]))).ToList();
        var (bodyType, bodyMedia) = FirstMedia(Resolved(operation["requestBody"]));
        var answers = Members(operation["responses"]).Select(response =>
        {
            var (type, media) = FirstMedia(Resolved(response.Value));
            return new ApiAnswer(response.Key, Text(Resolved(response.Value), "description"), type, media is null ? null : schemas.Of(media["schema"]), Example(media));
        }).ToList();
        return new ApiOperation(
            Text(operation, "operationId") ?? $"{method}-{path}", method.ToUpperInvariant(), path, Text(Items(operation["tags"]).FirstOrDefault()) ?? "Other", Text(operation, "summary"),
            Text(operation, "description"), ScopeOf(operation), parameters, bodyType, bodyMedia is null ? null : schemas.Of(bodyMedia["schema"]), Example(bodyMedia), answers);
    }

    /// <summary>What a token must be good for; null when nobody need be signed in.</summary>
    private string? ScopeOf(JsonObject operation)
    {
        var ways = (operation["security"] ?? _document["security"]) as JsonArray;
        if (ways is null || ways.Count == 0 || ways.Any(way => way is JsonObject { Count: 0 })) return null;
        return string.Join(", ", ways.OfType<JsonObject>().SelectMany(way => way).SelectMany(way => Items(way.Value)).Select(scope => scope?.ToString()).OfType<string>().Distinct());
    }

    private JsonNode? Resolved(JsonNode? node) =>
        Text(node, "$ref") is { } target && target.StartsWith("#/", StringComparison.Ordinal)
            ? target[2..].Split('/').Aggregate((JsonNode?)_document, (at, name) => (at as JsonObject)?[name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)])
            : node;

    private static (string? Type, JsonObject? Media) FirstMedia(JsonNode? holder) =>
        Members(holder?["content"]).FirstOrDefault() is { Key: not null } media ? (media.Key, media.Value as JsonObject) : (null, null);

    private static string? Example(JsonNode? holder)
    {
        var example = (holder as JsonObject)?["example"] ?? Members((holder as JsonObject)?["examples"]).Select(named => (named.Value as JsonObject)?["value"]).FirstOrDefault();
        return example switch
        {
            null => null,
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            _ => example.ToJsonString(s_indented),
        };
    }

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node) => node is JsonObject members ? members : [];

    internal static IEnumerable<JsonNode?> Items(JsonNode? node) => node is JsonArray items ? items : [];

    internal static string? Text(JsonNode? node, string name) => Text((node as JsonObject)?[name]);

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}

internal sealed record ApiTag(string Name, string? Description, IReadOnlyList<ApiOperation> Operations)
{
    public string Anchor => "tag-" + string.Concat(Name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}

/// <param name="Scope">What a token must be good for; null: nobody need be signed in.</param>
internal sealed record ApiOperation(
    string Id, string Method, string Path, string Tag, string? Summary, string? Description, string? Scope, IReadOnlyList<ApiParameter> Parameters,
    string? BodyType, string? Body, string? BodyExample, IReadOnlyList<ApiAnswer> Answers)
{
    public string Haystack { get; } = $"{Id} {Method} {Path} {Tag} {Summary} {Description}";

    /// <summary>The path with example values, and a body where one is needed.</summary>
    public string Curl(string origin)
    {
        string Value(ApiParameter parameter) => parameter.Example ?? $"<{parameter.Name}>";
        var path = Parameters.Where(parameter => parameter.In == "path").Aggregate(Path, (path, parameter) => path.Replace($"{{{parameter.Name}}}", Value(parameter), StringComparison.Ordinal));
        var query = string.Join('&', Parameters.Where(parameter => parameter.In == "query" && (parameter.Required || parameter.Example is not null))
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(Value(parameter))}"));
        var token = Scope is null or "read" ? "" : "-H \"Authorization: Bearer $ZOO_TOKEN\" ";
        var method = Method is "GET" ? "" : Method is "HEAD" ? "-I " : $"-X {Method} ";
        var body = BodyExample is null ? "" : $" -H 'Content-Type: {BodyType}' -d '{BodyExample.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        return $"curl {method}{token}'{origin}{path}{(query.Length > 0 ? "?" : "")}{query}'{body}";
    }
}

internal sealed record ApiParameter(string Name, string In, bool Required, string Type, string? Description, string? Example);

internal sealed record ApiAnswer(string Status, string? Description, string? Type, string? Schema, string? Example);
