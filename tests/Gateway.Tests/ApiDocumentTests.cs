using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

/// <summary>The one document, merged of parts that backends of the test hand out.</summary>
public sealed class ApiDocumentTests(GatewayApp app) : IClassFixture<GatewayApp>
{
    [Fact]
    public async Task Parts_become_one_document_and_schemas_of_one_name_do_not_mix()
    {
        Hand("catalog", Part("/api/v1/models", "ListModels", "read", """{"type":"object","title":"of the catalog"}"""));
        Hand("search", Part("/api/v1/search", "SearchModels", "write", """{"type":"object","title":"of search"}"""));
        var document = await ReadAsync(document => Has(document, "/api/v1/models") && Has(document, "/api/v1/search"));

        Assert.Equal(GatewayApp.Origin, document.GetProperty("servers")[0].GetProperty("url").GetString());
        Assert.Equal("of the catalog", SchemaOf(document, "/api/v1/models").GetProperty("title").GetString());
        Assert.Equal("of search", SchemaOf(document, "/api/v1/search").GetProperty("title").GetString());
        var list = document.GetProperty("paths").GetProperty("/api/v1/models").GetProperty("get");
        Assert.False(list.TryGetProperty("x-zoo", out _));
        Assert.Equal("""[{},{"token":["read"]},{"session":[]}]""", list.GetProperty("security").GetRawText());
        var limit = list.GetProperty("parameters")[0];
        Assert.Equal((1, 100), (limit.GetProperty("schema").GetProperty("minimum").GetInt32(), limit.GetProperty("schema").GetProperty("maximum").GetInt32()));
        Assert.Equal("#/components/responses/404", list.GetProperty("responses").GetProperty("404").GetProperty("$ref").GetString());
        Assert.True(document.GetProperty("components").GetProperty("responses").TryGetProperty("404", out _));
        Assert.Equal("""[{"token":["write"]},{"session":[]}]""", document.GetProperty("paths").GetProperty("/api/v1/search").GetProperty("get").GetProperty("security").GetRawText());
        // Not ours to describe: only /api/v1 is taken from a part.
        Assert.False(Has(document, "/internal/secrets"));
        Assert.True(Has(document, "/v2/models/{owner}/{name}/infer"));
    }

    [Fact]
    public async Task A_service_that_is_down_is_shown_as_it_last_was_and_one_that_never_was_up_is_named()
    {
        Hand("catalog", Part("/api/v1/taxonomy", "GetTaxonomy", "open", """{"type":"object"}"""));
        await ReadAsync(document => Has(document, "/api/v1/taxonomy"));
        app["catalog"].Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        await Task.Delay(TimeSpan.FromSeconds(1.2));   // an incomplete document is kept for a second
        var document = await ReadAsync(_ => true);
        Assert.True(Has(document, "/api/v1/taxonomy"));
        Assert.Contains("benchmark", document.GetProperty("x-missing").EnumerateArray().Select(service => service.GetString()));
        Assert.DoesNotContain("catalog", document.GetProperty("x-missing").EnumerateArray().Select(service => service.GetString()));
    }

    [Fact]
    public async Task A_part_is_never_handed_out_by_itself()
    {
        using var answer = await app.GetAsync("/internal/openapi.json");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Null(answer.Reached());
    }

    private void Hand(string service, string part) => app[service].Answer = async context =>
    {
        if (context.Request.Path != "/internal/openapi.json") return false;
        await context.Response.WriteAsync(part);
        return true;
    };

    private static string Part(string path, string operation, string policy, string schema) => """
        {"paths":{
          "PATH":{"get":{"operationId":"OPERATION","x-zoo":{"policy":"POLICY","maxLimit":100,"example":{"limit":10}},
            "parameters":[{"name":"limit","in":"query","schema":{"type":"integer","default":20}}],
            "responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Answer"}}}},"404":{"description":"Not Found"}}}},
          "/internal/secrets":{"get":{"operationId":"No","x-zoo":{"policy":"open","example":{}},"responses":{"200":{"description":"OK"}}}}},
         "components":{"schemas":{"Answer":SCHEMA}}}
        """.Replace("PATH", path).Replace("OPERATION", operation).Replace("POLICY", policy).Replace("SCHEMA", schema);

    private async Task<JsonElement> ReadAsync(Func<JsonElement, bool> until)
    {
        for (var tries = 0; ; tries++)
        {
            using var answer = await app.GetAsync("/openapi/v1.json");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            if (until(document.RootElement)) return document.RootElement.Clone();
            Assert.True(tries < 50, document.RootElement.ToString());
            await Task.Delay(100);
        }
    }

    private static bool Has(JsonElement document, string path) => document.GetProperty("paths").TryGetProperty(path, out _);

    private static JsonElement SchemaOf(JsonElement document, string path)
    {
        var reference = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200")
            .GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()!;
        return document.GetProperty("components").GetProperty("schemas").GetProperty(reference.Split('/')[^1]);
    }
}
