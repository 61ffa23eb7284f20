using Microsoft.Playwright;
using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

[Collection(SiteCollection.Name)]
public sealed class HomeTests(Site site)
{
    [Fact]
    public async Task Hits_show_what_matched()
    {
        var word = Models.Fresh("mobile");
        var model = Models.A(title: $"A {word} net");
        site.Neighbours.Put(model);

        var page = await site.OpenAsync($"/?q={word}");

        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("1 model");
        await Expect(page.Locator(".hit mark")).ToHaveTextAsync(word);
        await Expect(page.Locator(".hit a").First).ToHaveAttributeAsync("href", $"/{model.Owner}/{model.Name}");
        await Expect(page).ToHaveTitleAsync($"{word} · ZooPlatform");
    }

    [Fact]
    public async Task A_facet_narrows_and_widens_again()
    {
        var word = Models.Fresh("net");
        site.Neighbours.Put(Models.A(name: "one", title: $"{word} one", format: "onnx"));
        site.Neighbours.Put(Models.A(name: "two", title: $"{word} two", format: "gguf"));
        var page = await site.OpenAsync($"/?q={word}");
        await Expect(page.Locator(".hit")).ToHaveCountAsync(2);

        await page.Locator(".facet a", new() { HasText = "gguf" }).ClickAsync();
        await Expect(page.Locator(".hit")).ToHaveCountAsync(1);
        await Expect(page.Locator(".hit h2")).ToHaveTextAsync($"{word} two");
        await Expect(page.Locator(".facet a[aria-current=true]")).ToContainTextAsync("gguf");

        await page.GetByLabel("Without format gguf").ClickAsync();
        await Expect(page.Locator(".hit")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Results_change_while_typing_and_the_page_stays()
    {
        var word = Models.Fresh("typed");
        site.Neighbours.Put(Models.A(title: $"A {word} net"));
        var page = await site.OpenAsync("/");
        await page.EvaluateAsync("window.stays = true");

        await page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync(word);

        await Expect(page.Locator(".hit mark")).ToHaveTextAsync(word);
        Assert.Equal($"/?q={word}", new Uri(page.Url).PathAndQuery);
        Assert.True(await page.EvaluateAsync<bool>("window.stays === true"));
    }

    [Fact]
    public async Task Search_works_without_JavaScript()
    {
        var word = Models.Fresh("plain");
        site.Neighbours.Put(Models.A(title: $"A {word} net"));
        var page = await site.OpenAsync("/", options: new() { JavaScriptEnabled = false });

        await page.GetByRole(AriaRole.Searchbox).FillAsync(word);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();

        await Expect(page.Locator(".hit mark")).ToHaveTextAsync(word);
    }

    [Fact]
    public async Task Newcomers_are_told_what_is_here_and_searchers_are_not()
    {
        var (family, models) = Models.Family();
        foreach (var model in models) site.Neighbours.Put(model, family: family);
        var page = await site.OpenAsync("/");
        await Expect(page.Locator(".welcome")).ToContainTextAsync("zoo pull");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "By task" })).ToContainTextAsync("image-classification");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "By framework" })).ToContainTextAsync("pytorch");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "By format" })).ToContainTextAsync("onnx");
        await Expect(page.Locator(".newest li").First).ToBeVisibleAsync();
        await Expect(page.Locator(".family tbody tr")).ToHaveCountAsync(5);
        await Expect(page.Locator(".family tbody tr").Nth(3)).ToContainTextAsync("pruned from digits-cnn");
        await Expect(page.Locator(".family tbody tr").Nth(3)).ToContainTextAsync("85 %");
        await Expect(page.Locator(".family tbody tr").Nth(1)).ToContainTextAsync("a finding");
        Assert.InRange(await page.EvaluateAsync<double>("document.querySelector('.newest').getBoundingClientRect().bottom"), 1, 800);   // at first sight

        page = await site.OpenAsync("/?q=anything");
        await Expect(page.Locator(".welcome")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task All_models_are_a_click_away_with_their_facets()
    {
        site.Neighbours.Put(Models.A());
        var page = await site.OpenAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "All models" }).ClickAsync();
        await Expect(page.Locator(".facet").First).ToBeVisibleAsync();
        await Expect(page.Locator(".hit").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_search_that_finds_nothing_says_so()
    {
        var page = await site.OpenAsync($"/?q={Models.Fresh("nothing")}");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Nothing you can see matches");
    }

    [Fact]
    public async Task A_search_that_is_refused_says_so_with_400()
    {
        var answer = await site.GetAsync("/?page=none");
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("cannot be run as it stands", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_owner_has_a_page_of_the_models_that_one_can_see()
    {
        var owner = Models.Fresh("acme");
        site.Neighbours.Put(Models.A(owner, "one", "First"));
        site.Neighbours.Put(Models.A(owner, "two", "Second"));

        var page = await site.OpenAsync($"/{owner}");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(owner);
        await Expect(page.Locator(".hit h2")).ToHaveTextAsync(["First", "Second"]);
    }
}
