namespace ZooPlatform.Formats.Cards;

/// <summary>Decides which addresses a card may point at.</summary>
internal static class LinkFilter
{
    private static readonly string[] Schemes = ["http:", "https:", "mailto:"];

    /// <summary>Without control characters and white space, which browsers skip when they look for a scheme.</summary>
    public static string Clean(string address) =>
        string.Concat(address.Where(c => !char.IsControl(c) && !char.IsWhiteSpace(c) && c is not ('\u200b' or '\ufeff')));

    public static bool IsAllowedAbsolute(string address) =>
        Schemes.Any(scheme => Clean(address).StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>True without a scheme and without a host: <c>//other.example</c> and <c>\\other</c> are not relative.</summary>
    public static bool IsRelative(string address)
    {
        if (address.Length == 0 || address.StartsWith("//", StringComparison.Ordinal) || address.Contains('\\', StringComparison.Ordinal)) return false;
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        var end = address.IndexOfAny(['/', '?', '#']);
        return colon < 0 || (end >= 0 && end < colon);
    }
}
