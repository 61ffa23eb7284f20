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
        string.Join('\n', answer.Headers.Where(header => header.Key != "Date").Concat(answer.Content.Headers).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order());
}
