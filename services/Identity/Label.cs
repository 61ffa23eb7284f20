namespace ZooPlatform.Identity;

/// <summary>A short text that people choose and others see: a title, a token's name, an e-mail address.</summary>
internal static class Label
{
    private const int MaxChars = 100;

    public static bool IsValid(string text) =>
        text.Length <= MaxChars && !string.IsNullOrWhiteSpace(text) && !text.Any(c => char.IsControl(c) || IsDirectionMark(c));

    /// <remarks>They make a text look like another one.</remarks>
    private static bool IsDirectionMark(char c) => c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F';
}
