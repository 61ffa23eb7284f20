using Markdig;
using Markdig.Renderers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Catalog.Cards;

/// <summary>What a card's Markdown says in plain words: for lists and for full-text search.</summary>
/// <param name="Title">The first heading of level 1; null without one.</param>
/// <param name="Summary">The first paragraph, at most 300 characters; null without one.</param>
/// <param name="Text">All of it, at most 16 Ki characters.</param>
internal sealed record CardText(string? Title, string? Summary, string Text)
{
    private const int MaxTitle = 200;
    private const int MaxSummary = 300;
    private const int MaxText = 16 << 10;

    // What is further down is not searched.
    private const int MaxParsed = 32 << 10;

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();

    public static CardText Of(string markdown)
    {
        var source = markdown.Length > MaxParsed ? markdown[..MaxParsed] : markdown;
        if (CardHtml.IsCostly(source)) return new CardText(null, null, Cut(source, MaxText)!);
        try
        {
            var document = Markdown.Parse(source, s_pipeline);
            var title = document.Descendants<HeadingBlock>().Where(heading => heading.Level == 1).Select(Words).FirstOrDefault(text => text.Length > 0);
            var summary = document.Descendants<ParagraphBlock>().Select(Words).FirstOrDefault(text => text.Length > 0);
            return new CardText(Cut(title, MaxTitle), Cut(summary, MaxSummary), Cut(Plain(document), MaxText)!);
        }
        catch (ArgumentException)
        {
            // Markdig gives up on deep nesting; the source is text too.
            return new CardText(null, null, Cut(source, MaxText)!);
        }
    }

    private static string Plain(MarkdownDocument document)
    {
        using var text = new StringWriter();
        var renderer = new HtmlRenderer(text) { EnableHtmlForBlock = false, EnableHtmlForInline = false, EnableHtmlEscape = false };
        s_pipeline.Setup(renderer);
        renderer.Render(document);
        return text.ToString().Trim();
    }

    private static string Words(LeafBlock block)
    {
        var parts = block.Inline?.Descendants().Select(inline => inline switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            HtmlEntityInline entity => entity.Transcoded.ToString(),
            LineBreakInline => " ",
            _ => "",
        }) ?? [];
        return string.Join(' ', string.Concat(parts).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string? Cut(string? text, int max)
    {
        if (text is null || text.Length <= max) return text;
        var end = char.IsHighSurrogate(text[max - 1]) ? max - 1 : max;
        return text[..end];
    }
}
