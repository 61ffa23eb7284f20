using System.Text.Json;
using Microsoft.Playwright;
using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;
using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

[Collection(SiteCollection.Name)]
public sealed class NotebookTests(Site site)
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Fact]
    public async Task A_notebook_shows_its_text_code_and_outputs()
    {
        var path = Put(Notebook(("markdown", "# First *steps*", null), ("code", "print(1 < 2)", new { output_type = "stream", text = "True\n" }),
            ("code", "plot()", new { output_type = "display_data", data = new Dictionary<string, string> { ["image/png"] = Png, ["text/plain"] = "<Figure>" } })));
        var page = await site.OpenAsync(path);
        await Expect(page.Locator(".notebook h1 em")).ToHaveTextAsync("steps");
        await Expect(page.Locator(".notebook .code").First).ToHaveTextAsync("print(1 < 2)");
        await Expect(page.Locator(".notebook pre.output")).ToHaveTextAsync("True\n");
        await Expect(page.Locator(".notebook img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        await Expect(page.Locator(".notebook img")).ToHaveAttributeAsync("alt", "<Figure>");
    }

    /// <summary>threats.md R4.</summary>
    [Fact]
    public async Task A_hostile_notebook_runs_nothing_and_calls_nobody()
    {
        var elsewhere = $"{site.Neighbours.Address}/elsewhere";
        object Shows(string type, string content) => new { output_type = "display_data", data = new Dictionary<string, string> { [type] = content } };
        var path = Put(Notebook(
            ("markdown", $"<script>alert(1)</script> <img src=x onerror=alert(2)> ![p]({elsewhere}/p.png) [x](javascript:alert(3)) <base href=\"{elsewhere}\">", null),
            ("code", "</code></pre><script>alert(4)</script>", Shows("text/html", $"<img src=\"{elsewhere}/h.png\" onerror=alert(5)><script>alert(6)</script>")),
            ("code", "", Shows("image/svg+xml", "<svg onload=alert(7)></svg>")), ("code", "", Shows("application/javascript", "alert(8)")),
            ("code", "", Shows("text/latex", "$\\href{javascript:alert(9)}{x}$")), ("code", "", Shows("image/png", "x\" onerror=\"alert(10)")),
            ("code", "", Shows("application/vnd.jupyter.widget-view+json", "{}")), ("raw", "<iframe src=javascript:alert(11)>", null),
            ("code", "", new { output_type = "stream", text = "<svg onload=alert(12)>" }), ("code", "", new { output_type = "error", ename = "<b>", evalue = "<img src=x onerror=alert(13)>", traceback = new[] { "<script>" } })));
        var page = await site.OpenAsync("/");
        var dialogs = new List<string>();
        page.Dialog += async (_, dialog) =>
        {
            dialogs.Add(dialog.Message);
            await dialog.DismissAsync();
        };
        await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
        Assert.Empty(dialogs);
        Assert.Equal(0, site.Neighbours.VisitsElsewhere);
        Assert.Equal(0, await page.Locator(".notebook :is(script, iframe, svg, img, base, form, [onerror], [onload])").CountAsync());
        await Expect(page.Locator(".notebook")).ToContainTextAsync("An output that is not shown here: 'text/html'");
    }

    [Fact]
    public async Task What_cannot_be_read_as_a_notebook_says_why_and_a_file_that_is_none_is_missing()
    {
        var page = await site.OpenAsync(Put([.. "{\"nbformat\": 3}"u8]));
        await Expect(page.Locator(".notice")).ToContainTextAsync("cannot be shown");
        var model = Models.A();
        site.Neighbours.Put(model, contents: new() { ["README.md"] = [1] });
        foreach (var path in new[] { "README.md", "no.ipynb", "../../x.ipynb" })
            Assert.Equal(404, (int)(await site.GetAsync($"/{model.Owner}/{model.Name}/notebook/{path}")).StatusCode);
    }

    [Fact]
    public async Task A_notebook_of_a_hidden_model_and_a_missing_one_give_the_same_bytes()
    {
        var ada = TestTokens.User(Guid.CreateVersion7(), "ada");
        var model = Models.A(visibility: Visibility.Private, more: ["a.ipynb"]);
        var path = $"/{model.Owner}/{model.Name}/notebook/a.ipynb";
        var missing = await site.GetAsync(path);
        site.Neighbours.Put(model, onlyFor: ada, contents: new() { ["a.ipynb"] = Notebook(("markdown", "hidden", null)) });
        var hidden = await site.GetAsync(path);
        Assert.Equal((404, 404), ((int)missing.StatusCode, (int)hidden.StatusCode));
        Assert.Equal(await missing.Content.ReadAsByteArrayAsync(), await hidden.Content.ReadAsByteArrayAsync());
        Assert.Contains("hidden", await (await site.GetAsync(path, ada)).Content.ReadAsStringAsync());
    }

    /// <summary>threats.md R5, at the page: many cells together may cost what one card may.</summary>
    [Fact]
    public async Task A_notebook_made_to_cost_much_is_answered_quickly()
    {
        var path = Put(Notebook([.. Enumerable.Range(0, 200).Select(_ => ("markdown", string.Concat(Enumerable.Repeat("[a](", 4_000)), (object?)null))]));
        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal(200, (int)(await site.GetAsync(path)).StatusCode);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    private string Put(byte[] notebook)
    {
        var model = Models.A(more: ["work/a b.ipynb"]);
        site.Neighbours.Put(model, contents: new() { ["work/a b.ipynb"] = notebook });
        return $"/{model.Owner}/{model.Name}/notebook/work/a%20b.ipynb";
    }

    private static byte[] Notebook(params (string Kind, string Source, object? Output)[] cells) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        nbformat = 4,
        metadata = new { kernelspec = new { language = "python" } },
        cells = cells.Select(cell => new { cell_type = cell.Kind, source = cell.Source, outputs = cell.Output is null ? [] : new[] { cell.Output } }),
    });
}
