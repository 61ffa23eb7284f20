using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Gateway.OpenApi;

/// <summary>The services' parts as one document.</summary>
/// <remarks>
/// 1. Begins with frame.json: what holds everywhere, and the protocols that are not ours.
/// 2. Takes each part's operations under <c>/api/v1</c>, and the schemas they use; one that another part has differently gets the
///    service's name before its own.
/// 3. Says in each operation what its route knows (<c>x-zoo</c>): who may, an example, how long a page is; and that every refusal is a problem.
/// </remarks>
internal static class MergedDocument
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "head", "patch"];

    /// <param name="parts">By service; null: it could not be had. Changed here.</param>
    public static JsonObject Of(IReadOnlyDictionary<string, JsonObject?> parts, string publicUrl)
    {
        var document = Frame();                                                                                             // 1
        document["servers"] = new JsonArray(new JsonObject { ["url"] = publicUrl.TrimEnd('/') });
        var (paths, components) = (document["paths"]!.AsObject(), document["components"]!.AsObject());
        var responses = new JsonObject { ["default"] = ProblemResponse("A refusal: the rate is limited, a part of the platform is out of reach, ...") };
        foreach (var (service, part) in parts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (part is null) continue;
            TakeSchemas(service, part, components["schemas"]!.AsObject());                                                  // 2
            foreach (var (path, item) in part["paths"]!.AsObject().ToList())
            {
                part["paths"]!.AsObject().Remove(path);
                if (!path.StartsWith("/api/v1/", StringComparison.Ordinal)) continue;
                var address = path.Length > 1 ? path.TrimEnd('/') : path;
                foreach (var method in s_methods)
                    if (item![method] is JsonObject operation) Finish(address, operation, responses);                       // 3
                // HEAD is GET without its body.
                if (item!["get"]?["operationId"] is { } get && item["head"]?["operationId"] is { } head && JsonNode.DeepEquals(get, head)) item.AsObject().Remove("head");
                if (paths[address] is JsonObject known)
                    foreach (var (method, operation) in item.AsObject().ToList()) known[method] = operation!.DeepClone();
                else paths[address] = item;
            }
        }
        components["responses"] = responses;
        if (parts.Where(pair => pair.Value is null).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } missing)
            document["x-missing"] = new JsonArray([.. missing.Select(service => JsonValue.Create(service))]);
        return document;
    }

    private static JsonObject Frame()
    {
        using var frame = typeof(MergedDocument).Assembly.GetManifestResourceStream("frame.json")!;
        return JsonNode.Parse(frame)!.AsObject();
    }

    private static void TakeSchemas(string service, JsonObject part, JsonObject schemas)
    {
        if (part["components"]?["schemas"] is not JsonObject own) return;
        own.Remove("ProblemDetails");
        // Null is said where an enum may be absent, not in the enum.
        foreach (var words in own.Select(schema => schema.Value!["enum"]).OfType<JsonArray>())
            for (var i = words.Count - 1; i >= 0; i--)
                if (words[i] is null) words.RemoveAt(i);
        var renamed = own.Where(schema => schemas[schema.Key] is { } other && !IsSame(other, schema.Value!)).Select(schema => schema.Key).ToHashSet();
        string NameOf(string schema) => renamed.Contains(schema) ? char.ToUpperInvariant(service[0]) + service[1..] + schema : schema;
        Rename(part, NameOf);
        foreach (var (name, schema) in own.ToList()) schemas[NameOf(name)] = schema!.DeepClone();
    }

    /// <summary>What they say of themselves aside: not every part says it.</summary>
    private static bool IsSame(JsonNode one, JsonNode other)
    {
        var (first, second) = (one.DeepClone().AsObject(), other.DeepClone().AsObject());
        first.Remove("description");
        second.Remove("description");
        return JsonNode.DeepEquals(first, second);
    }

    private static void Rename(JsonNode? node, Func<string, string> nameOf)
    {
        const string prefix = "#/components/schemas/";
        if (node is JsonArray items)
        {
            foreach (var item in items) Rename(item, nameOf);
        }
        else if (node is JsonObject members)
        {
            if (members["$ref"] is JsonValue target && target.GetValue<string>() is var name && name.StartsWith(prefix, StringComparison.Ordinal))
                members["$ref"] = prefix + nameOf(name[prefix.Length..]);
            foreach (var (_, member) in members.ToList()) Rename(member, nameOf);
        }
    }

    private static void Finish(string path, JsonObject operation, JsonObject shared)
    {
        var facts = operation["x-zoo"]!.AsObject();
        operation.Remove("x-zoo");
        var policy = facts["policy"]!.GetValue<string>();
        operation["security"] = SecurityOf(policy);
        AddHeaders(operation, facts);
        foreach (var parameter in (operation["parameters"]?.AsArray() ?? []).Select(parameter => parameter!.AsObject()))
        {
            // A record of parameters has C#'s names; binding does not mind case.
            var name = parameter["name"]!.GetValue<string>();
            parameter["name"] = $"{(name.Contains('-', StringComparison.Ordinal) ? name[0] : char.ToLowerInvariant(name[0]))}{name[1..]}";
            ParameterTexts.Describe(path, parameter, facts);
        }
        if (facts["body"]?.DeepClone() is { } body)
        {
            if (body is JsonValue)
                operation["requestBody"] = new JsonObject
                {
                    ["required"] = true,
                    ["content"] = new JsonObject { ["application/octet-stream"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["format"] = "binary" } } },
                };
            operation["requestBody"]!["content"]!.AsObject().First().Value!["example"] = body;
        }
        if (facts["from"] is { } from) operation["x-example-from"] = from.DeepClone();

        var responses = operation["responses"]!.AsObject();
        string[] refusals = policy switch
        {
            Policies.Open => [],
            Policies.Read => ["401"],
            _ => ["401", "403"],
        };
        var badRequest = operation["parameters"] is JsonArray { Count: > 0 } || operation["requestBody"] is not null ? ["400"] : Array.Empty<string>();
        foreach (var status in responses.Select(response => response.Key).Where(status => status[0] is '4' or '5').Concat(refusals).Concat(badRequest).Distinct().Order(StringComparer.Ordinal).ToList())
        {
            if (!shared.ContainsKey(status)) shared[status] = ProblemResponse(ReasonPhrases.GetReasonPhrase(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)) + ".");
            responses.Remove(status);
            responses[status] = new JsonObject { ["$ref"] = $"#/components/responses/{status}" };
        }
        responses["default"] = new JsonObject { ["$ref"] = "#/components/responses/default" };
    }

    /// <summary>Headers that a handler reads itself are known by its example.</summary>
    private static void AddHeaders(JsonObject operation, JsonObject facts)
    {
        foreach (var (name, value) in facts["example"]!.AsObject().Where(pair => pair.Key.Contains('-', StringComparison.Ordinal)))
        {
            operation["parameters"] ??= new JsonArray();
            operation["parameters"]!.AsArray().Add((JsonNode)new JsonObject
            {
                ["name"] = name, ["in"] = "header", ["required"] = true,
                ["schema"] = new JsonObject { ["type"] = value!.GetValueKind() == System.Text.Json.JsonValueKind.Number ? "integer" : "string" },
            });
        }
    }

    private static JsonArray SecurityOf(string policy)
    {
        if (policy == Policies.Open) return [];
        var scope = policy switch
        {
            Policies.Read or Policies.SignedIn => Contracts.Scopes.Read,
            Policies.Administrator => Contracts.Scopes.Admin,
            _ => policy,
        };
        var security = new JsonArray(new JsonObject { ["token"] = new JsonArray(scope) }, new JsonObject { ["session"] = new JsonArray() });
        if (policy == Policies.Read) security.Insert(0, new JsonObject());
        return security;
    }

    private static JsonObject ProblemResponse(string description) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject
        {
            ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } },
        },
    };
}
