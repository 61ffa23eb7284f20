using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;
using ZooPlatform.Contracts;

namespace ZooPlatform.Catalog.Tests;

/// <summary>The hub's list and the check of cards, as Hugging Face clients ask for them.</summary>
public sealed class HubTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    private static (string Path, byte[] Bytes) Card(string license, params string[] tags) =>
        ("README.md", System.Text.Encoding.UTF8.GetBytes($"---\nlicense: {license}\npipeline_tag: text-classification\nlibrary_name: onnx\ntags: [{string.Join(", ", tags)}]\n---\n# A model\n"));

    [Fact]
    public async Task Models_are_listed_by_what_clients_narrow_to_and_only_those_the_caller_may_see()
    {
        await app.Push("hub-alpha", Visibility.Public, Card("mit", "tiny"));
        await app.Push("hub-beta", Visibility.Public, Card("apache-2.0", "tiny", "fast"));
        await app.Push("hub-gamma", Visibility.Private, Card("mit", "tiny"));
        Assert.Equal(["acme/hub-alpha", "acme/hub-beta"], await NamesAsync(app.Outsider, "search=hub-"));
        Assert.Equal(["acme/hub-alpha", "acme/hub-beta", "acme/hub-gamma"], await NamesAsync(app.Member, "search=HUB-&limit=500"));
        Assert.Equal(["acme/hub-beta"], await NamesAsync(app.Outsider, "search=hub-&search=bet"));
        Assert.Equal(["acme/hub-alpha"], await NamesAsync(app.Outsider, "author=ACME&filter=tiny&filter=license:mit&search=hub-"));
        Assert.Equal(["acme/hub-beta"], await NamesAsync(app.Outsider, "filter=tiny,fast&search=hub-"));
        Assert.Equal(["acme/hub-alpha", "acme/hub-beta"], await NamesAsync(app.Outsider, "pipeline_tag=text-classification&filter=onnx&search=hub-&sort=createdAt&direction=-1&gated=false&never=heard"));
        Assert.Empty(await NamesAsync(app.Outsider, "search=hub%25alpha"));
        Assert.Empty(await NamesAsync(app.Outsider, "author=nobody"));

        var model = (await ListAsync(app.Outsider, "search=hub-alpha&full=true"))[0];
        Assert.Equal(("onnx", "text-classification", false, "mit"), (model.GetProperty("library_name").GetString(), model.GetProperty("pipeline_tag").GetString(),
            model.GetProperty("private").GetBoolean(), model.GetProperty("cardData").GetProperty("license").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", model.GetProperty("lastModified").GetString());
        Assert.Equal(["_id", "id", "likes"], (await ListAsync(app.Outsider, "search=hub-alpha&expand=likes&expand=unheard-of"))[0].EnumerateObject().Select(one => one.Name));
        Assert.True((await ListAsync(app.Member, "search=hub-gamma"))[0].GetProperty("private").GetBoolean());
    }

    [Theory]
    [InlineData("lastModified")]
    [InlineData("createdAt")]
    public async Task The_next_page_is_a_link(string sort)
    {
        for (var i = 0; i < 3; i++) await app.Push($"page-{sort}-{i}", Visibility.Public, Card("mit"));
        var names = new List<string?>();
        for (var url = $"/api/models?search=page-{sort}-&limit=1&sort={sort}"; url is not null;)
        {
            using var answer = await app.Anonymous.GetAsync(url);
            names.Add((await answer.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("id").GetString());
            url = answer.Headers.TryGetValues("Link", out var links) ? new Uri(Regex.Match(links.Single(), "^<(http://zoo.test/api/models\\?[^>]+)>;\\s+rel=\"next\"$").Groups[1].Value).PathAndQuery : null;
        }
        Assert.Equal([$"acme/page-{sort}-2", $"acme/page-{sort}-1", $"acme/page-{sort}-0"], names);
        using var wrong = await app.Anonymous.GetAsync("/api/models?cursor=x");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task There_are_no_data_sets()
    {
        foreach (var kind in new[] { "datasets", "spaces" }) Assert.Equal("[]", await app.Anonymous.GetStringAsync($"/api/{kind}?search=x"));
    }

    [Fact]
    public async Task A_card_is_checked_before_it_is_pushed()
    {
        using var good = await app.Anonymous.PostAsJsonAsync("/api/validate-yaml", new { content = "---\nlicense: mit\n---\n# A\n", repoType = "model" });
        Assert.Equal((HttpStatusCode.OK, "{\"errors\":[],\"warnings\":[]}"), (good.StatusCode, await good.Content.ReadAsStringAsync()));
        using var broken = await app.Anonymous.PostAsJsonAsync("/api/validate-yaml", new { content = "---\nlicense: [mit\n---\n# A\n", repoType = "model" });
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("Line ", (await broken.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        using var odd = await app.Anonymous.PostAsJsonAsync("/api/validate-yaml", new { content = "---\nlicense: mit\ntags: {a: b}\n---\n# A\n", repoType = "model" });
        Assert.Equal(HttpStatusCode.OK, odd.StatusCode);
        using var noJson = await app.Anonymous.PostAsync("/api/validate-yaml", new StringContent("no"));
        Assert.Equal(HttpStatusCode.BadRequest, noJson.StatusCode);
    }

    private static async Task<JsonElement> ListAsync(HttpClient http, string query) => await http.GetFromJsonAsync<JsonElement>($"/api/models?{query}");

    private static async Task<IEnumerable<string?>> NamesAsync(HttpClient http, string query) =>
        (await ListAsync(http, query)).EnumerateArray().Select(model => model.GetProperty("id").GetString()).Order(StringComparer.Ordinal);
}
