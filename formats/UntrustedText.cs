using System.Globalization;
using System.Text;

namespace ZooPlatform.Formats;

/// <summary>Text that came out of a file: names, doc strings, metadata.</summary>
internal static class UntrustedText
{
    /// <summary>UTF-8 with bad bytes replaced; control and bidirectional characters (except line feed and tab) become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8);
        return text.Any(IsHostile) ? string.Concat(text.Select(c => IsHostile(c) ? '\uFFFD' : c)) : text;
    }

    /// <summary>In quotes for a message, at most 80 characters on one line.</summary>
    public static string Quote(string text)
    {
        var line = text.Replace('\n', ' ').Replace('\t', ' ');
        if (line.Length > 80) line = line[..(char.IsHighSurrogate(line[79]) ? 79 : 80)] + "…";
        return $"'{line}'";
    }

    private static bool IsHostile(char c) =>
        c is not ('\n' or '\t')
        && (char.IsControl(c) || (char.GetUnicodeCategory(c) == UnicodeCategory.Format && c is not ('\u200C' or '\u200D')));
}
