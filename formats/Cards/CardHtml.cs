using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ZooPlatform.Formats.Cards;

/// <summary>Turns a card's Markdown into HTML that is safe to put into a page: raw HTML is shown as text, links go to http, https, mailto or the
/// repository, and a picture that lies elsewhere becomes a link, so that reading a card tells nobody.</summary>
public static class CardHtml
{
    /// <summary>What is longer is cut here. 512 Ki characters.</summary>
    public const int MaxCharacters = 512 << 10;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoLinks().UseTaskLists().DisableHtml().Build();

    /// <param name="resolve">
    /// Turns a relative address of the card (<c>images/plot.png</c>; true for a picture) into one of the site, or null to drop the link.
    /// </param>
    public static string Render(string markdown, Func<string, bool, string?> resolve)
    {
        ArgumentNullException.ThrowIfNull(markdown);
        if (markdown.Length > MaxCharacters) markdown = markdown[..MaxCharacters] + "\n\n*The rest is not shown: this text is too long.*\n";
        if (MarkdownCost.IsTooHigh(markdown)) return Source(markdown);
        try
        {
            var document = Markdown.Parse(markdown, Pipeline);
            foreach (var link in document.Descendants<LinkInline>().ToList())
            {
                link.Url = SafeAddress(link.GetDynamicUrl is { } dynamic ? dynamic() : link.Url, link.IsImage, resolve);
                link.GetDynamicUrl = null;
                if (!LinkFilter.IsAllowedAbsolute(link.Url)) continue;
                if (link.IsImage)
                {
                    link.IsImage = false;
                    if (link.FirstChild is null) link.AppendChild(new LiteralInline(link.Url));
                }
                link.GetAttributes().AddProperty("rel", "nofollow noopener noreferrer");
            }
            foreach (var link in document.Descendants<AutolinkInline>().Where(link => !link.IsEmail && !LinkFilter.IsAllowedAbsolute(link.Url)).ToList())
            {
                link.ReplaceBy(new LiteralInline(link.Url));
            }
            using var writer = new StringWriter();
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.Render(document);
            return writer.ToString();
        }
        catch (ArgumentException)
        {
            // Markdig gives up on deep nesting; the source still shows.
            return Source(markdown);
        }
    }

    /// <summary>True: this text is not worth its time, and <see cref="Render"/> shows it cut or as its source.</summary>
    public static bool IsCostly(string markdown) => markdown.Length > MaxCharacters || MarkdownCost.IsTooHigh(markdown);

    private static string Source(string markdown) => $"<pre>{System.Net.WebUtility.HtmlEncode(markdown)}</pre>\n";

    private static string SafeAddress(string? address, bool isImage, Func<string, bool, string?> resolve)
    {
        var cleaned = LinkFilter.Clean(address ?? "");
        if (cleaned.StartsWith('#')) return cleaned;
        if (LinkFilter.IsAllowedAbsolute(cleaned)) return cleaned;
        return LinkFilter.IsRelative(cleaned) ? resolve(cleaned, isImage) ?? "" : "";
    }
}
