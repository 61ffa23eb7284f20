using System.Text.RegularExpressions;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Formats.Tests;

public partial class CardHtmlTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("text <img src=x onerror=alert(1)> text")]
    [InlineData("<iframe src=\"https://example.org\"></iframe>")]
    [InlineData("<svg onload=alert(1)>")]
    [InlineData("[a](javascript:alert(1))")]
    [InlineData("[a](JaVaScRiPt:alert(1))")]
    [InlineData("[a](java\tscript:alert(1))")]
    [InlineData("[a](&#106;avascript:alert(1))")]
    [InlineData("[a](<java\u0001script:alert(1)>)")]
    [InlineData("[a][r]\n\n[r]: javascript:alert(1)")]
    [InlineData("![a](javascript:alert(1))")]
    [InlineData("[a](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("![a](data:image/svg+xml,<svg/onload=alert(1)>)")]
    [InlineData("[a](vbscript:msgbox(1))")]
    [InlineData("[a](file:///etc/passwd)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("<data:text/html,x>")]
    [InlineData("| a |\n|---|\n| [x](javascript:alert(1)) |")]
    [InlineData("[a](https://example.org \"x\\\" onmouseover=alert(1) y=\\\"\")")]
    [InlineData("[a](//evil.example/x)")]
    [InlineData("[a](\\\\\\\\evil.example\\\\x)")]
    [InlineData("![x](\" onerror=alert(1) )")]
    public void Nothing_that_acts_gets_through(string markdown)
    {
        var html = CardHtml.Render(markdown, (address, _) => "/repo/" + Uri.EscapeDataString(address));
        foreach (Match tag in Tags().Matches(html))
        {
            Assert.Matches("^</?(p|a|img|table|thead|tbody|tr|th|td|pre|code|em|strong|br|h[1-6]|ul|ol|li|blockquote|hr)\\b", tag.Value);
            var bare = QuotedValues().Replace(tag.Value, "=\"\"");
            Assert.DoesNotContain("on", AttributeNames().Matches(bare).Select(m => m.Groups[1].Value[..Math.Min(2, m.Groups[1].Value.Length)]));
        }
        foreach (Match link in Links().Matches(html))
        {
            Assert.Matches("^($|#|/repo/|https?:|mailto:)", System.Net.WebUtility.HtmlDecode(link.Groups[1].Value));
        }
    }

    [Fact]
    public void Ordinary_markdown_is_rendered()
    {
        var html = CardHtml.Render("# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\nhttps://example.org [up](#title) ![plot](img/plot.png) [m](mailto:a@example.org)",
            (address, isImage) => isImage ? "/raw/" + address : "/blob/" + address);
        Assert.Contains("<h1", html);
        Assert.Contains("<table>", html);
        Assert.Contains("type=\"checkbox\"", html);
        Assert.Contains("href=\"https://example.org\"", html);
        Assert.Contains("href=\"#title\"", html);
        Assert.Contains("src=\"/raw/img/plot.png\"", html);
        Assert.Contains("href=\"mailto:a@example.org\"", html);
    }

    [Fact]
    public void A_relative_link_that_resolves_to_nothing_goes_nowhere() =>
        Assert.Contains("href=\"\"", CardHtml.Render("[a](../../secret)", (_, _) => null));

    [Fact]
    public void A_picture_of_another_origin_is_a_link_and_one_of_the_kit_a_picture()
    {
        var html = CardHtml.Render("![plot](https://example.org/p.png) ![](https://example.org/q.png) ![mine](p.png)\n\n![ref][r]\n\n[r]: http://example.org/r.png", (address, _) => "/repo/" + address);
        Assert.Equal(["/repo/p.png"], Images().Matches(html).Select(match => match.Groups[1].Value));
        Assert.Contains("href=\"https://example.org/p.png\" rel=\"nofollow noopener noreferrer\">plot</a>", html);
        Assert.Contains(">https://example.org/q.png</a>", html);
        Assert.Contains("href=\"http://example.org/r.png\"", html);
    }

    /// <summary>threats.md R5: what once took seconds to minutes.</summary>
    [Theory]
    [InlineData("[a](", 20_000)]
    [InlineData("[a](", 500_000)]
    [InlineData("[", 500_000)]
    [InlineData("![", 200_000)]
    [InlineData("`a``", 500_000)]
    [InlineData("*a **a ", 100_000)]
    [InlineData("_a __a ", 100_000)]
    [InlineData("> ", 20_000)]
    [InlineData("- ", 20_000)]
    [InlineData("<a ", 200_000)]
    [InlineData("&#", 200_000)]
    [InlineData("| a ", 200_000)]
    [InlineData("[a]: /b\n", 60_000)]
    [InlineData("[a][b] text\n\n", 40_000)]
    [InlineData("http://", 70_000)]
    [InlineData("www.a ", 80_000)]
    [InlineData("(((", 170_000)]
    [InlineData("1. a\n", 100_000)]
    [InlineData("# a\n", 100_000)]
    [InlineData("~~", 250_000)]
    [InlineData("*a* ", 4_000)]
    [InlineData("\\", 500_000)]
    [InlineData("- [ ] a\n", 60_000)]
    [InlineData("  - a\n    - b\n\n", 30_000)]
    public void Markdown_made_to_cost_much_is_rendered_within_a_second(string piece, int times)
    {
        var markdown = string.Concat(Enumerable.Repeat(piece, times));
        CardHtml.Render("warm *up*", (_, _) => null);
        var start = TimeProvider.System.GetTimestamp();
        CardHtml.Render(markdown, (_, _) => null);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 3);   // 1 s, on a machine that has other work too
    }

    [Fact]
    public void Deep_nesting_shows_the_source()
    {
        var html = CardHtml.Render(new string('>', 20_000) + "<script>", (_, _) => null);
        Assert.StartsWith("<pre>", html);
        Assert.DoesNotContain("<script>", html);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("=\"[^\"]*\"")]
    private static partial Regex QuotedValues();

    [GeneratedRegex("<img src=\"([^\"]*)\"")]
    private static partial Regex Images();

    [GeneratedRegex("\\s([a-z]+)=")]
    private static partial Regex AttributeNames();

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Links();
}
