using System.Globalization;

namespace ZooPlatform.Web;

/// <summary>Numbers as people read them.</summary>
internal static class Text
{
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? value : Math.Round(value, value < 10 ? 1 : 0))} {units[unit]}");
    }

    public static string Count(long count) => count switch
    {
        < 10_000 => count.ToString("N0", CultureInfo.InvariantCulture),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0.#} K"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.#} M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.#} B"),
    };

    public static string Milliseconds(double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{(value < 1 ? Math.Round(value, 3) : value < 100 ? Math.Round(value, 2) : Math.Round(value))} ms");

    /// <summary>0.85 is 85 %.</summary>
    public static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{(share is > 0 and < 0.01 ? "<1" : Math.Round(share * 100).ToString(CultureInfo.InvariantCulture))} %");

    /// <summary>A measured figure: four digits behind the point where it is a share, else as short as it goes.</summary>
    public static string Figure(double value) => value.ToString(Math.Abs(value) <= 1 ? "0.0000" : "0.####", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) => $"{(perSecond < 10 ? perSecond.ToString("0.#", CultureInfo.InvariantCulture) : Count((long)perSecond))} / s";

    public static string Capital(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>As the API writes it: a word in small letters.</summary>
    public static string Word(Enum value) => value.ToString().ToLowerInvariant();
}
