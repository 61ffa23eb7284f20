using Microsoft.Playwright;
using ZooPlatform.Web.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ZooPlatform.Web.Tests;

[Collection(SiteCollection.Name)]
public sealed class AttackTests(Site site)
{
    [Fact]
    public async Task A_hostile_card_runs_nothing_and_calls_nobody()
    {
        var elsewhere = $"{site.Neighbours.Address}/elsewhere";
        var model = Models.A(title: "<script>alert('title')</script>", card:
            $"""
            <script>alert(1); fetch("{elsewhere}/script")</script>
            <img src=x onerror="alert(2)"> <svg onload="alert(3)"></svg> <iframe src="javascript:alert(4)"></iframe>
            <link rel="stylesheet" href="{elsewhere}/css"> <form action="{elsewhere}/form"><button>Sign in</button></form>
            [click me](javascript:alert(5)) [me too](java&#115;cript:alert(6)) [or me][x] <javascript:alert(7)>
            ![picture]({elsewhere}/picture.png) ![another]({elsewhere}/other.png "onload=alert(8)") [data](data:text/html,<script>alert(9)</script>)

            [x]: JaVaScRiPt:alert(10)
            """);
        site.Neighbours.Put(model);
        var page = await site.OpenAsync("/");
        var dialogs = new List<string>();
        page.Dialog += async (_, dialog) =>
        {
            dialogs.Add(dialog.Message);
            await dialog.DismissAsync();
        };

        await page.GotoAsync($"/{model.Owner}/{model.Name}", new() { WaitUntil = WaitUntilState.NetworkIdle });
        foreach (var link in await page.Locator(".card-text a").AllAsync())
        {
            var target = await link.GetAttributeAsync("href");
            Assert.DoesNotMatch("(?i)^\\s*(javascript|data|vbscript):", target ?? "");
        }
        await page.GetByText("click me").ClickAsync();

        Assert.Empty(dialogs);
        Assert.Equal(0, site.Neighbours.VisitsElsewhere);
        Assert.Equal(0, await page.Locator(".card-text :is(script, iframe, svg, form, link, [onerror], [onload])").CountAsync());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First).ToHaveTextAsync("<script>alert('title')</script>");
    }

    [Fact]
    public async Task What_a_searcher_types_stays_text()
    {
        var page = await site.OpenAsync($"/?q={Uri.EscapeDataString("\"><img src=x onerror=alert(1)>")}&task={Uri.EscapeDataString("<b>x</b>")}");
        await Expect(page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("\"><img src=x onerror=alert(1)>");
        Assert.Equal(0, await page.Locator("img, main b").CountAsync());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/acme/none")]
    [InlineData("/a/b/c/d")]
    public async Task Every_page_forbids_foreign_and_inline_code(string path)
    {
        var answer = await site.GetAsync(path);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("https:", policy);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.Private);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotMatch("<script(?![^>]*\\bsrc=)", html);
        Assert.DoesNotMatch("\\son[a-z]+=|\\sstyle=|<style", html);
    }

    [Fact]
    public async Task Style_and_script_come_from_the_build_output_and_may_be_kept_forever()
    {
        var html = await (await site.GetAsync("/")).Content.ReadAsStringAsync();
        foreach (var (pattern, type) in new[] { ("href=\"(/ui/zoo\\.[a-z0-9]+\\.css)\"", "text/css"), ("src=\"(/ui/zoo\\.[a-z0-9]+\\.js)\"", "text/javascript"), ("href=\"(/icon\\.[a-z0-9]+\\.svg)\"", "image/svg+xml") })
        {
            var path = System.Text.RegularExpressions.Regex.Match(html, pattern).Groups[1].Value;
            var answer = await site.GetAsync(path);
            Assert.Equal((200, type), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Contains("immutable", answer.Headers.CacheControl?.ToString() ?? "");
        }
    }
}
