using Microsoft.Playwright;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Tests.Support;
using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

/// <summary>What pages look like, as far as a test can tell; the pictures are for people.</summary>
[Collection(SiteCollection.Name)]
public sealed class LayoutTests(Site site)
{
    /// <summary>Texts whose contrast to their background is under 4.5 (WCAG 2.2, 1.4.3).</summary>
    private const string FaintTexts =
        """
        () => {
          const parse = color => color.match(/[\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = element => {
            for (; element; element = element.parentElement) {
              const color = parse(getComputedStyle(element).backgroundColor);
              if (color.length === 3 || color[3] === 1) return color;
            }
            return [255, 255, 255];
          };
          return [...document.querySelectorAll("body *:not(svg, svg *)")]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.offsetParent)
            .map(e => [light(parse(getComputedStyle(e).color)), light(ground(e)), e])
            .map(([a, b, e]) => [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e])
            .filter(([ratio]) => ratio < 4.5)
            .map(([ratio, e]) => `${ratio.toFixed(2)} ${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`);
        }
        """;

    private static string Samples => Path.Combine(SharedFolder.Repository, "samples", "digits-cnn");

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Pages_fit_their_width_and_can_be_read(int width, ColorScheme scheme)
    {
        var word = Models.Fresh("look");
        var model = Models.A(findings: [new("onnx.external-data-escapes", "error", "model.onnx", "Weights lie outside of the kit."), new("card.no-licence", "warning", null, "The card names no licence.")]);
        site.Neighbours.Put(model, [Models.ARun(model), Models.ARun(model, 0.021), Models.ARun(model, status: RunStatus.Failed, message: "It ran out of memory.")]);
        foreach (var name in new[] { "digits-forest", "mobilenet-v2-qdq-int8", "a-very-long-name-" + new string('x', 70) })
            site.Neighbours.Put(Models.A(owner: word, name: name, title: $"{name} {word}", task: name[0] == 'd' ? "tabular-classification" : "image-classification"));

        var (family, relatives) = Models.Family();
        foreach (var relative in relatives) site.Neighbours.Put(relative, [Models.ARun(relative)], family: family);
        var kit = Models.A(more: ["digits.ipynb", .. Directory.GetFiles(Path.Combine(Samples, "sample-originals")).Select(file => $"sample-originals/{Path.GetFileName(file)}").Order(StringComparer.Ordinal)]);
        site.Neighbours.Put(kit, contents: kit.Files.Where(file => File.Exists(Path.Combine(Samples, file.Path))).ToDictionary(file => file.Path, file => File.ReadAllBytes(Path.Combine(Samples, file.Path))));
        site.Neighbours.ApiDocument = ApiPageTests.Document;
        var wrong = new List<string>();

        foreach (var (name, path) in new[]
        {
            ("home", "/"), ("search", $"/?q={word}&task=image-classification"), ("model", $"/{model.Owner}/{model.Name}"), ("family", $"/{relatives[3].Owner}/{relatives[3].Name}"),
            ("samples", $"/{kit.Owner}/{kit.Name}"), ("notebook", $"/{kit.Owner}/{kit.Name}/notebook/digits.ipynb"), ("owner", $"/{word}"), ("missing", "/nothing/here"),
            ("api", "/docs/api"), ("api-search", "/docs/api?q=run"),
        })
        {
            var page = await site.OpenAsync(path, options: new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
            await page.ScreenshotAsync(new() { Path = Path.Combine(Site.Pictures, $"{name}-{width}-{scheme}.png".ToLowerInvariant()), FullPage = true });
            if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") is var found && found != width) wrong.Add($"{name} is {found} wide");
            wrong.AddRange((await page.EvaluateAsync<string[]>(FaintTexts)).Select(text => $"{name}: {text}"));
            await page.Context.CloseAsync();
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task The_keyboard_reaches_everything_and_shows_where_it_is()
    {
        var page = await site.OpenAsync("/");
        foreach (var expected in new[] { "Skip to the content", "ZooPlatform", "Models", "API", "Sign in", "", "" })
        {
            await page.Keyboard.PressAsync("Tab");
            var focused = page.Locator(":focus");
            await Expect(focused).ToBeInViewportAsync();
            Assert.NotEqual("none", await focused.EvaluateAsync<string>("e => getComputedStyle(e).outlineStyle"));
            if (expected.Length > 0) await Expect(focused).ToHaveTextAsync(expected);
        }
        await Expect(page.Locator(":focus")).ToHaveAttributeAsync("name", "sort");
    }

    [Fact]
    public async Task Landmarks_and_labels_tell_what_is_where()
    {
        var model = Models.A();
        site.Neighbours.Put(model, [Models.ARun(model)]);
        site.Neighbours.ApiDocument = ApiPageTests.Document;
        foreach (var path in new[] { "/", $"/{model.Owner}/{model.Name}", "/nothing/here", "/docs/api" })
        {
            var page = await site.OpenAsync(path);
            foreach (var landmark in new[] { AriaRole.Banner, AriaRole.Main, AriaRole.Contentinfo }) await Expect(page.GetByRole(landmark)).ToHaveCountAsync(1);
            await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
            Assert.NotEmpty(await page.TitleAsync());
            Assert.Equal(0, await page.EvaluateAsync<int>(
                "[...document.querySelectorAll('input:not([type=hidden]), select, button')].filter(e => !e.labels?.length && !e.getAttribute('aria-label') && !e.textContent.trim()).length"));
            Assert.Equal(0, await page.Locator("img:not([alt]), svg[role=img]:not([aria-label])").CountAsync());
        }
    }
}
