using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

[Collection(SiteCollection.Name)]
public sealed class OutageTests(Site site)
{
    [Fact]
    public async Task Without_Search_the_home_page_says_so()
    {
        using var _ = site.Neighbours.Without("search");
        Assert.Equal(503, (int)(await site.GetAsync("/")).StatusCode);
        var page = await site.OpenAsync("/?q=net");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("Search cannot be reached just now");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Searchbox)).ToHaveValueAsync("net");
    }

    [Fact]
    public async Task Without_Benchmark_a_model_shows_without_its_runs()
    {
        var model = Models.A();
        site.Neighbours.Put(model, [Models.ARun(model)]);
        using var _ = site.Neighbours.Without("benchmark");
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");
        await Expect(page.Locator(".card-text")).ToContainTextAsync("handwritten digits");
        await Expect(page.Locator(".chart")).ToHaveCountAsync(0);
        await Expect(page.GetByText("Runs cannot be shown just now")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_Catalog_a_model_is_503_and_not_missing()
    {
        using var _ = site.Neighbours.Without("catalog");
        var answer = await site.GetAsync("/acme/digits");
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("The catalogue cannot be reached just now", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Without_Search_an_owner_is_503_and_not_missing()
    {
        using var _ = site.Neighbours.Without("search");
        Assert.Equal(503, (int)(await site.GetAsync("/acme")).StatusCode);
    }

    [Fact]
    public async Task Without_Artifact_a_notebook_is_503_and_its_model_still_shows()
    {
        var model = Models.A(more: ["a.ipynb"]);
        site.Neighbours.Put(model);
        using var _ = site.Neighbours.Without("artifact");
        Assert.Equal(503, (int)(await site.GetAsync($"/{model.Owner}/{model.Name}/notebook/a.ipynb")).StatusCode);
        Assert.Equal(200, (int)(await site.GetAsync($"/{model.Owner}/{model.Name}")).StatusCode);
    }

    [Fact]
    public async Task Without_the_gateways_document_the_API_page_says_so()
    {
        using var _ = site.Neighbours.Without("gateway");
        var answer = await site.GetAsync("/docs/api");
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("The description of the API cannot be had just now", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Without_Catalog_the_home_page_shows_without_the_family()
    {
        site.Neighbours.Put(Models.A());
        using var _ = site.Neighbours.Without("catalog");
        var answer = await site.GetAsync("/");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Contains("By task", await answer.Content.ReadAsStringAsync());
    }
}
