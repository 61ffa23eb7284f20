using Microsoft.Playwright;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Tests.Support;
using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

[Collection(SiteCollection.Name)]
public sealed class ModelTests(Site site)
{
    [Fact]
    public async Task A_model_shows_its_card_facts_files_inspection_findings_runs_and_commands()
    {
        var model = Models.A(findings: [new("onnx.external-data-escapes", "error", "model.onnx", "Weights lie outside of the kit.")]);
        site.Neighbours.Put(model, [Models.ARun(model), Models.ARun(model, 0.02), Models.ARun(model, status: RunStatus.Failed, message: "It ran out of memory.")]);

        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");

        await Expect(page).ToHaveTitleAsync("Digits CNN, int8 · ZooPlatform");
        await Expect(page.Locator(".card-text strong")).ToHaveTextAsync("Small");
        await Expect(page.Locator(".card-text a")).ToHaveAttributeAsync("href", $"/api/v1/repositories/{model.Owner}/{model.Name}/files/{model.Revision}/recipe.yaml");
        await Expect(page.Locator("aside .facts")).ToContainTextAsync("apache-2.0");
        await Expect(page.Locator("aside .facts")).ToContainTextAsync("0.016 ms median");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "labels and more.txt" })).ToHaveAttributeAsync("href",
            $"/api/v1/repositories/{model.Owner}/{model.Name}/files/{model.Revision}/labels%20and%20more.txt");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Inputs and outputs" })).ToContainTextAsync("[batch, 1, 8, 8]");
        await Expect(page.Locator(".findings")).ToContainTextAsync("Weights lie outside of the kit.");
        await Expect(page.Locator(".chart .bar-tail")).ToHaveCountAsync(3);   // two runs and the legend
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Runs in figures" })).ToContainTextAsync("It ran out of memory.");
        await Expect(page.Locator(".use")).ToContainTextAsync($"zoo infer {model.Owner}/{model.Name} --input image=test_data_set_0/input_0.pb");
        await Expect(page.Locator(".use")).ToContainTextAsync($"curl -O http://zoo.test/api/v1/repositories/{model.Owner}/{model.Name}/files/main/model.onnx");
    }

    [Fact]
    public async Task A_model_shows_its_figures_labels_recipe_and_a_request_that_works()
    {
        var model = Models.A();
        site.Neighbours.Put(model);
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");
        await Expect(page.Locator("aside .facts")).ToContainTextAsync("0.9850 says the card");
        await Expect(page.Locator("aside .facts")).ToContainTextAsync("qdq int8");
        await Expect(page.Locator("section[aria-labelledby=samples]")).ToContainTextAsync("0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
        await Expect(page.Locator(".recipe")).ToContainTextAsync("method: static");
        var command = await page.Locator(".use pre", new() { HasText = "/infer" }).TextContentAsync();
        Assert.StartsWith($"curl -H \"Authorization: Bearer $ZOO_TOKEN\" http://zoo.test/v2/models/{model.Owner}/{model.Name}/infer -d '", command);
        using var body = System.Text.Json.JsonDocument.Parse(command!.Split('\'')[1]);
        var input = body.RootElement.GetProperty("inputs")[0];
        Assert.Equal(("image", "FP32", "[1,1,8,8]", 64), (input.GetProperty("name").GetString(), input.GetProperty("datatype").GetString(), input.GetProperty("shape").GetRawText(), input.GetProperty("data").GetArrayLength()));
    }

    [Fact]
    public async Task A_warning_about_a_file_is_told_at_the_top()
    {
        var model = Models.A(findings: [new("card.field-kind", "warning", "README.md", "x"), new("tensor.nan", "warning", "model.onnx", "Tensor 'w' holds NaN.")]);
        site.Neighbours.Put(model);
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");
        await Expect(page.Locator(".notice.warning")).ToContainTextAsync("tensor.nan");
    }

    [Fact]
    public async Task A_family_is_drawn_and_compared()
    {
        var (family, models) = Models.Family();
        foreach (var model in models) site.Neighbours.Put(model, family: family);
        var page = await site.OpenAsync($"/{models[3].Owner}/digits-cnn-pruned");
        await Expect(page.Locator(".lineage .box")).ToHaveCountAsync(5);
        await Expect(page.Locator(".lineage .arrow")).ToHaveCountAsync(4);
        await Expect(page.Locator(".family tr[aria-current=true]")).ToContainTextAsync("0.9883");
        await Expect(page.Locator("aside .facts").GetByRole(AriaRole.Link, new() { Name = $"{models[0].Owner}/digits-cnn" })).ToBeVisibleAsync();
        await page.Locator(".lineage a[aria-label=digits-cnn]").ClickAsync();
        await Expect(page.Locator(".family tr[aria-current=true] b")).ToHaveTextAsync("digits-cnn");
    }

    [Fact]
    public async Task Pictures_of_the_samples_are_shown()
    {
        var png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        var model = Models.A(more: ["sample-originals/one.png", "sample-originals/evil.svg"]);
        site.Neighbours.Put(model, contents: new() { ["sample-originals/one.png"] = png });
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");
        await page.Locator(".pictures img").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".pictures img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        await Expect(page.Locator(".pictures img")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task The_command_to_get_a_private_file_carries_a_token()
    {
        var model = Models.A(visibility: Visibility.Private);
        site.Neighbours.Put(model);
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");
        await Expect(page.Locator(".use")).ToContainTextAsync("-H \"Authorization: Bearer $ZOO_TOKEN\" http://zoo.test/");
    }

    [Fact]
    public async Task A_model_without_a_card_says_what_to_write()
    {
        var model = Models.A(card: null);
        site.Neighbours.Put(model);
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}");
        await Expect(page.Locator("#card")).ToContainTextAsync("Add a README.md");
    }

    [Fact]
    public async Task A_hidden_model_and_a_missing_one_give_the_same_bytes()
    {
        var ada = TestTokens.User(Guid.CreateVersion7(), "ada");
        var model = Models.A(visibility: Visibility.Private);
        foreach (var path in new[] { $"/{model.Owner}/{model.Name}", $"/{model.Owner}" })
        {
            var missing = await site.GetAsync(path);
            site.Neighbours.Put(model, onlyFor: ada);
            var hidden = await site.GetAsync(path);
            site.Neighbours.Remove(model);

            Assert.Equal((404, 404), ((int)missing.StatusCode, (int)hidden.StatusCode));
            Assert.Equal(await missing.Content.ReadAsByteArrayAsync(), await hidden.Content.ReadAsByteArrayAsync());
            Assert.Equal(HeadersOf(missing), HeadersOf(hidden));
        }

        site.Neighbours.Put(model, onlyFor: ada);
        var page = await site.OpenAsync($"/{model.Owner}/{model.Name}", ada);
        await Expect(page.Locator(".tag.warning")).ToHaveTextAsync("private");
    }

    [Fact]
    public async Task Who_is_not_signed_in_comes_back_to_the_page_after_signing_in()
    {
        var page = await site.OpenAsync("/acme/none?x=1");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in" })).ToHaveAttributeAsync("href", "/account/sign-in?returnUrl=%2Facme%2Fnone%3Fx%3D1");

        page = await site.OpenAsync("/", TestTokens.User(Guid.CreateVersion7(), "ada"));
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Account" })).ToHaveTextAsync("ada Sign out", new() { UseInnerText = true });
    }

    [Fact]
    public async Task A_path_that_no_page_has_is_404_as_a_page()
    {
        var answer = await site.GetAsync("/a/b/c/d");
        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Contains("<h1>There is nothing here that you can see</h1>", await answer.Content.ReadAsStringAsync());
    }

    private static string HeadersOf(HttpResponseMessage answer) =>
        string.Join('\n', answer.Headers.Where(header => header.Key is not ("Date" or "X-Request-ID")).Concat(answer.Content.Headers).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order());
}
