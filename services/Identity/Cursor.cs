using System.Globalization;

namespace ZooPlatform.Identity;

/// <summary>Where a list goes on: the key of the last item of the page before.</summary>
internal static class Cursor
{
    public static bool TryRead<T>(string? text, out T value, T start) where T : struct, IParsable<T>
    {
        value = start;
        return text is null || T.TryParse(text, CultureInfo.InvariantCulture, out value);
    }
}
