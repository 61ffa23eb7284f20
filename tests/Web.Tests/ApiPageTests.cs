using Microsoft.Playwright;
using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

[Collection(SiteCollection.Name)]
public sealed class ApiPageTests(Site site)
{
    public const string Document =
        """
        {"openapi":"3.1.1","info":{"title":"Zoo","description":"Ids are *opaque*."},
         "tags":[{"name":"Models","description":"What is known."},{"name":"Runs"},{"name":"Unused"}],
         "paths":{
          "/api/v1/models/{owner}/{name}":{"get":{"operationId":"GetModel","tags":["Models"],"summary":"Get a model","description":"Its card.",
            "security":[{},{"token":["read"]}],
            "parameters":[{"name":"owner","in":"path","required":true,"schema":{"type":"string"},"example":"samples"},{"name":"name","in":"path","required":true,"schema":{"type":"string"},"example":"digits-cnn"}],
            "responses":{"200":{"description":"The model.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Model"}}}},"404":{"$ref":"#/components/responses/404"}}}},
          "/api/v1/runs":{
            "get":{"operationId":"ListRuns","tags":["Runs"],"summary":"List runs","security":[{},{"token":["read"]}],"parameters":[{"name":"limit","in":"query","schema":{"type":"integer"},"example":10}],"responses":{"200":{"description":"A page."}}},
            "post":{"operationId":"CreateRun","tags":["Runs"],"summary":"Measure","security":[{"token":["benchmark"]},{"session":[]}],
              "requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["repository"],"properties":{"repository":{"type":"string"},"file":{"type":["string","null"]}}},"example":{"repository":"it's/one"}}}},
              "responses":{"201":{"description":"Queued."}}}},
          "/api/v1/odd":{"get":{"responses":{"200":{"description":"<script>alert(1)</script>"}}},"x":1,"post":"nonsense"}},
         "components":{"responses":{"404":{"description":"Not there."}},
          "schemas":{"Model":{"type":"object","required":["id"],"properties":{"id":{"type":"string","format":"uuid"},"base":{"$ref":"#/components/schemas/Model"},"formats":{"type":"array","items":{"type":"string"}},"kind":{"enum":["a","b"]}}}}}}
        """;

    [Fact]
    public async Task Operations_are_listed_by_tag_with_parameters_answers_and_a_request_to_try()
    {
        site.Neighbours.ApiDocument = Document;
        var page = await site.OpenAsync("/docs/api?op=GetModel#GetModel");
        await Expect(page.Locator("h2")).ToHaveTextAsync(["Models", "Runs", "Other"]);
        var operation = page.Locator("#GetModel");
        await Expect(operation).ToHaveAttributeAsync("open", "");
        await Expect(operation).ToContainTextAsync("Anybody may ask.");
        await Expect(operation.Locator("pre[data-copy] code")).ToHaveTextAsync("curl 'http://zoo.test/api/v1/models/samples/digits-cnn'");
        await Expect(operation).ToContainTextAsync("id: string (uuid)");
        await Expect(operation).ToContainTextAsync("kind?: \"a\" | \"b\"");
        await Expect(operation).ToContainTextAsync("Not there.");
        await Expect(page.Locator("#CreateRun pre[data-copy] code")).ToHaveTextAsync(
            "curl -X POST -H \"Authorization: Bearer $ZOO_TOKEN\" 'http://zoo.test/api/v1/runs' -H 'Content-Type: application/json' -d '{\n  \"repository\": \"it'\\''s/one\"\n}'");
        await Expect(page.Locator("#CreateRun")).ToContainTextAsync("A token needs: benchmark.");
        await Expect(page.Locator("#ListRuns pre[data-copy] code")).ToHaveTextAsync("curl 'http://zoo.test/api/v1/runs?limit=10'");
    }

    [Fact]
    public async Task A_search_keeps_what_holds_all_words_without_JavaScript()
    {
        site.Neighbours.ApiDocument = Document;
        var page = await site.OpenAsync("/docs/api", options: new() { JavaScriptEnabled = false });
        await page.GetByLabel("Search operations").FillAsync("POST runs");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(page.Locator(".operation")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("1 of 4 operations");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    public async Task A_document_that_is_none_is_told_with_503(string document)
    {
        site.Neighbours.ApiDocument = document;
        Assert.Equal(503, (int)(await site.GetAsync("/docs/api")).StatusCode);
        site.Neighbours.ApiDocument = Document;
    }
}
