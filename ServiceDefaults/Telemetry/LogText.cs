using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>Text that may stand in a log: no credential, no control character that a terminal obeys, of bounded length.</summary>
/// <remarks>Log lines are written so that no credential comes into them; this is for the one that does, in somebody's exception.</remarks>
internal static partial class LogText
{
    public const int MaxChars = 8 * 1024;

    /// <param name="lines">Line feeds may stay: a stack trace for people.</param>
    public static string Of(string? text, bool lines = false)
    {
        if (text is null) return "";
        if (text.Length > MaxChars) text = $"{text[..MaxChars]}... ({text.Length} characters)";
        if (text.Contains("hf_zoo", StringComparison.Ordinal) || text.Contains("eyJ", StringComparison.Ordinal)) text = Credential().Replace(text, "***");
        return text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 ? text : Escaped(text, lines);
    }

    private static string Escaped(string text, bool lines)
    {
        var safe = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            // Cf: marks that turn the direction of writing, and the like.
            if ((char.IsControl(c) && !(lines && c == '\n')) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else safe.Append(c);
        }
        return safe.ToString();
    }

    /// <summary>An opaque token of ours, or a JWT.</summary>
    [GeneratedRegex(@"hf_zoo[a-z]_[\w-]+|eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?")]
    private static partial Regex Credential();
}
