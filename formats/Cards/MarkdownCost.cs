namespace ZooPlatform.Formats.Cards;

/// <summary>Guesses what parsing a Markdown text would take, before it is parsed: nothing can stop the parser once it runs.</summary>
/// <remarks>Within a paragraph the parser's time grows with the square of the characters that may open something and never close it:
/// 20,000 <c>[a](</c> in one paragraph take 8 s. Hence the sum of squares, over the paragraphs; and a share for each line, which may be a
/// block of its own: 100,000 list items take 2 s.</remarks>
internal static class MarkdownCost
{
    // A bit above the largest real card we know, below a second: 4,400 openers in one paragraph, or 10,000 lines.
    private const long Most = 20_000_000;
    private const long Line = 2_000;

    public static bool IsTooHigh(string markdown)
    {
        var (cost, openers, isBlank) = (0L, 0L, true);
        foreach (var c in markdown)
        {
            if (c == '\n')
            {
                if (isBlank) openers = 0;
                isBlank = true;
                if ((cost += Line) > Most) return true;
                continue;
            }
            if (!char.IsWhiteSpace(c)) isBlank = false;
            if (c is not ('[' or '!' or '*' or '_' or '`' or '<' or '~' or '&' or '>' or '|')) continue;
            // n squared is the sum of the first n odd numbers.
            cost += (2 * openers++) + 1;
            if (cost > Most) return true;
        }
        return false;
    }
}
