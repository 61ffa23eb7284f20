using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ZooPlatform.Tests.Whole.Api;

/// <summary>What docs/api.md promises of all operations, held against the document and against live answers.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class ConventionTests(RunningZoo running)
{
    [Fact]
    public async Task Every_operation_says_what_it_does_and_what_its_parameters_are()
    {
        var document = await ReadAsync();
        Assert.Equal(document.Operations.Count, document.Operations.Select(operation => operation.Id).Distinct().Count());
        Assert.Equal(running.Url, document.Root.GetProperty("servers")[0].GetProperty("url").GetString());
        var tags = document.Root.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("name").GetString()).ToHashSet();
        foreach (var operation in document.Operations)
        {
            Assert.True(operation.Json.TryGetProperty("summary", out _), $"{operation.Id} has no summary");
            Assert.True(operation.Json.TryGetProperty("security", out _), $"{operation.Id} does not say who may");
            Assert.All(operation.Json.GetProperty("tags").EnumerateArray(), tag => Assert.Contains(tag.GetString(), tags));
            Assert.All(operation.Parameters, parameter =>
                Assert.True(parameter.TryGetProperty("description", out _) && parameter.TryGetProperty("schema", out _), $"{operation.Id}: {parameter}"));
            if (operation.IsOurs) Assert.True(operation.Json.GetProperty("responses").TryGetProperty("default", out _), operation.Id);
        }
    }

    [Fact]
    public async Task Names_ids_times_and_lists_look_the_same_everywhere()
    {
        var document = await ReadAsync();
        var seen = new HashSet<string>();
        foreach (var operation in document.Operations.Where(operation => operation.IsOurs))
        {
            Walk(document, operation.Json, operation.Id, seen);
            if (!operation.Id.StartsWith("List", StringComparison.Ordinal)) continue;
            var page = document.Schema.Follow(operation.Json.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema"));
            Assert.Equal(["items", "next"], page.GetProperty("properties").EnumerateObject().Select(member => member.Name));
            var limit = operation.Parameters.SingleOrDefault(parameter => parameter.GetProperty("name").GetString() == "limit");
            if (limit.ValueKind == JsonValueKind.Undefined) continue;
            Assert.Equal(1, limit.GetProperty("schema").GetProperty("minimum").GetInt32());
            Assert.True(limit.GetProperty("schema").GetProperty("maximum").GetInt32() >= limit.GetProperty("schema").GetProperty("default").GetInt32(), operation.Id);
            if (operation.Id != "ListBases")   // the most derived-from first: an order without a keyset, so one page
                Assert.Contains(operation.Parameters, parameter => parameter.GetProperty("name").GetString() == "after");
        }
    }

    [Fact]
    public async Task A_limit_or_cursor_that_is_none_is_refused_the_same_way_everywhere()
    {
        using var http = running.Http(running.AdminToken);
        var document = await ReadAsync();
        var lists = document.Operations.Where(operation => operation.Parameters.Any(parameter => parameter.GetProperty("name").GetString() == "limit")).ToList();
        Assert.NotEmpty(lists);
        foreach (var list in lists)
        {
            var max = list.Parameters.Single(parameter => parameter.GetProperty("name").GetString() == "limit").GetProperty("schema").GetProperty("maximum").GetInt32();
            foreach (var (name, value, type) in new[]
            {
                ("limit", "0", "limit.out-of-range"), ("limit", $"{max + 1}", "limit.out-of-range"), ("limit", "-1", "limit.out-of-range"), ("limit", "ten", "limit.out-of-range"),
            })
            {
                using var answer = await http.SendAsync(list.Example(new Dictionary<string, string> { [name] = value }));
                var body = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest && body.Contains($"\"urn:zoo:{type}\""), $"{list.Id}?{name}={value}: {answer.StatusCode} {body}");
                Assert.Equal([], await document.ErrorsAsync(list, answer));
            }
        }
    }

    [Theory]
    [InlineData("/api/v1/repositories?after=ten", "'after' is an id (a UUID), not 'ten'.")]
    [InlineData("/api/v1/repositories/samples/digits-cnn-int8/tree/main?recursive=ten", "'recursive' is true or false, not 'ten'.")]
    public async Task Who_sends_a_parameter_that_cannot_be_read_is_told_which_and_what_it_is(string path, string says)
    {
        using var http = running.Http(running.AdminToken);
        using var answer = await http.GetAsync(path);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((HttpStatusCode.BadRequest, "urn:zoo:request.invalid", says), (answer.StatusCode, problem.GetProperty("type").GetString(), problem.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Every_refusal_is_a_problem_with_the_request_s_id()
    {
        using var http = running.Http(null);
        foreach (var path in new[]
        {
            "/api/v1/nothing", "/api/v1/users/me", "/api/v1/runs/0199f3c2-8a51-7b4e-9f0d-3c5a1e2b4d60", "/api/v1/models?limit=0", "/api/v1/stubs/no", "/internal/openapi.json",
            "/api/v1/search?pageSize=1000", "/api/v1/repositories/samples/nothing", "/api/v1/runs/not-an-id", "/api/v1/tokens?access_token=x",
        })
        {
            using var answer = await http.GetAsync(path);
            Assert.InRange((int)answer.StatusCode, 400, 499);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            Assert.Matches("^urn:zoo:[a-z0-9.-]+$", problem.GetProperty("type").GetString());
            Assert.Equal((int)answer.StatusCode, problem.GetProperty("status").GetInt32());
            Assert.Equal(Assert.Single(answer.Headers.GetValues("X-Request-Id")), problem.GetProperty("traceId").GetString());
        }
    }

    private async Task<ApiDocument> ReadAsync()
    {
        using var http = running.Http(null);
        return await ApiDocument.OfAsync(http);
    }

    private static void Walk(ApiDocument document, JsonElement element, string at, HashSet<string> seen)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Walk(document, item, at, seen);
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        if (element.TryGetProperty("$ref", out var reference))
        {
            if (seen.Add(reference.GetString()!)) Walk(document, document.Schema.Follow(element), reference.GetString()!, seen);
            return;
        }
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name == "properties")
                foreach (var property in member.Value.EnumerateObject()) Check(document, property, at);
            Walk(document, member.Value, at, seen);
        }
    }

    private static void Check(ApiDocument document, JsonProperty property, string at)
    {
        Assert.True(Regex.IsMatch(property.Name, "^[a-z][a-zA-Z0-9]*$"), $"{at}: {property.Name} is not camelCase");
        var schema = document.Schema.Follow(property.Value);
        if (property.Name == "id" || property.Name.EndsWith("Id", StringComparison.Ordinal)) Assert.True(Is(schema, "string"), $"{at}: {property.Name} is no string");
        if (property.Name.EndsWith("At", StringComparison.Ordinal))
            Assert.True(Is(schema, "string") && schema.GetProperty("format").GetString() == "date-time", $"{at}: {property.Name} is no time");
    }

    private static bool Is(JsonElement schema, string type) => schema.TryGetProperty("type", out var said)
        && (said.ValueKind == JsonValueKind.Array ? said.EnumerateArray().Any(one => one.GetString() == type) : said.GetString() == type);
}
