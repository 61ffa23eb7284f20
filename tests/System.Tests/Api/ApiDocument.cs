using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Api;

/// <summary>The merged document as it says how to call the API: its operations, their examples, and what their answers must be.</summary>
internal sealed class ApiDocument
{
    private ApiDocument(JsonElement root)
    {
        Root = root;
        Schema = new JsonSchema(root);
        Operations = [.. root.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(method => new ApiOperation(path.Name, method.Name.ToUpperInvariant(), method.Value)))];
    }

    public JsonElement Root { get; }
    public JsonSchema Schema { get; }
    public IReadOnlyList<ApiOperation> Operations { get; }

    public static async Task<ApiDocument> OfAsync(HttpClient http)
    {
        JsonElement root = default;
        await Files.EventuallyAsync(TimeSpan.FromSeconds(40), async () =>
        {
            using var document = JsonDocument.Parse(await http.GetStringAsync("/openapi/v1.json"));
            root = document.RootElement.Clone();
            Assert.False(root.TryGetProperty("x-missing", out var missing), $"Without {missing}.");   // a service that is still slow
        });
        return new ApiDocument(root);
    }

    /// <summary>What is wrong with an answer; empty when the document has it so.</summary>
    public async Task<IReadOnlyList<string>> ErrorsAsync(ApiOperation operation, HttpResponseMessage answer)
    {
        var status = ((int)answer.StatusCode).ToString();
        var responses = operation.Json.GetProperty("responses");
        if (!responses.TryGetProperty(status, out var response) && !((int)answer.StatusCode >= 400 && responses.TryGetProperty("default", out response)))
            return [$"{status} is not among {string.Join(", ", responses.EnumerateObject().Select(one => one.Name))}"];
        if (!Schema.Follow(response).TryGetProperty("content", out var content))
            return answer.Content.Headers.ContentLength is null or 0 ? [] : [$"{status} has a body, which the document does not say"];
        var type = answer.Content.Headers.ContentType?.MediaType ?? "nothing";
        if (!content.TryGetProperty(type, out var media)) return [$"{status} is {type}, not {string.Join(", ", content.EnumerateObject().Select(one => one.Name))}"];
        if (!type.EndsWith("json", StringComparison.Ordinal)) return [];   // bytes
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return Schema.Validate(media.GetProperty("schema"), body.RootElement);
    }
}

/// <summary>One operation of the document.</summary>
internal sealed record ApiOperation(string Path, string Method, JsonElement Json)
{
    public string Id => Json.TryGetProperty("operationId", out var id) ? id.GetString()! : $"{Method} {Path}";

    /// <summary>Ours, under <c>/api/v1</c>: with our conventions.</summary>
    public bool IsOurs => Path.StartsWith("/api/v1/", StringComparison.Ordinal);

    public IEnumerable<JsonElement> Parameters => Json.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];

    public JsonElement? Body => Json.TryGetProperty("requestBody", out var body) ? body.GetProperty("content") : null;

    /// <summary>The example as a request.</summary>
    /// <param name="known">What earlier answers told, or the test knows better: a parameter's name, or <c>body.member</c>.</param>
    /// <param name="extra">A member that is put into the body.</param>
    public HttpRequestMessage Example(IReadOnlyDictionary<string, string> known, string? extra = null)
    {
        var (path, query) = (Path, new List<string>());
        var request = new HttpRequestMessage();
        foreach (var parameter in Parameters)
        {
            var name = parameter.GetProperty("name").GetString()!;
            var example = parameter.TryGetProperty("example", out var given) ? given : default;
            var value = known.GetValueOrDefault(name) ?? (example.ValueKind == JsonValueKind.Undefined ? null : example.ToString());
            var where = parameter.GetProperty("in").GetString();
            if (value is null)
            {
                Assert.False(where == "path" || (parameter.TryGetProperty("required", out var required) && required.GetBoolean()), $"{Id}: {name} is needed and has no example");
                continue;
            }
            if (example.ValueKind is JsonValueKind.True or JsonValueKind.False) value = value.ToLowerInvariant();
            if (where == "header") request.Headers.Add(name, value);
            else if (where == "query") query.Add($"{name}={Uri.EscapeDataString(value)}");
            else path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value).Replace("%2F", "/", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        request.Method = new HttpMethod(Method);
        request.RequestUri = new Uri(query.Count == 0 ? path : $"{path}?{string.Join('&', query)}", UriKind.Relative);
        if (Body is { } content) request.Content = BodyOf(content.EnumerateObject().Single(), known, extra);
        return request;
    }

    private HttpContent BodyOf(JsonProperty media, IReadOnlyDictionary<string, string> known, string? extra)
    {
        Assert.True(media.Value.TryGetProperty("example", out var example), $"{Id} has no example of its body");
        if (media.Name != "application/json")
            return new ByteArrayContent(Encoding.UTF8.GetBytes(example.GetString()!)) { Headers = { ContentType = new MediaTypeHeaderValue(media.Name) } };
        var body = JsonNode.Parse(example.GetRawText())!.AsObject();
        foreach (var (name, value) in known.Where(pair => pair.Key.StartsWith("body.", StringComparison.Ordinal))) body[name[5..]] = value;
        if (extra is not null) body[extra] = 1;
        return new StringContent(body.ToJsonString(), Encoding.UTF8, media.Name);
    }
}
