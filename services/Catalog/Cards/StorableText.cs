using System.Text;

namespace ZooPlatform.Catalog.Cards;

/// <summary>PostgreSQL's text takes neither NUL nor half a surrogate pair; people's files hold both.</summary>
internal static class StorableText
{
    /// <summary>The text with what cannot be stored replaced by U+FFFD.</summary>
    public static string? Storable(this string? text)
    {
        if (text is null) return null;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) clean.Append(rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString());
        return clean.ToString();
    }
}
