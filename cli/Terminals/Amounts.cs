using System.Globalization;

namespace ZooPlatform.Cli.Terminals;

/// <summary>Amounts as people read them.</summary>
internal static class Amounts
{
    /// <summary>Decimal units: 999 B, 1.0 kB, 51.7 MB.</summary>
    public static string Bytes(long bytes) => Bytes((double)bytes);

    public static string Bytes(double bytes)
    {
        if (bytes < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B");
        }
        string[] units = ["kB", "MB", "GB", "TB", "PB"];
        var unit = -1;
        while (bytes >= 999.95 && unit < units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.0} {units[unit]}");
    }

    /// <summary>0.4 s, 12 s, 3 min 5 s, 2 h 10 min.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalHours: < 1 } => $"{(int)time.TotalMinutes} min {time.Seconds} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes} min",
    };

    /// <summary>Three significant digits and more: 0.014, 1.23, 45.6, 789.</summary>
    public static string Number(double number) => Math.Abs(number) switch
    {
        < 1 => number.ToString("0.####", CultureInfo.InvariantCulture),
        < 10 => number.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => number.ToString("0.0", CultureInfo.InvariantCulture),
        _ => number.ToString("0", CultureInfo.InvariantCulture),
    };

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>1 file, 2 files.</summary>
    public static string Files(int count) => count == 1 ? "1 file" : $"{Count(count)} files";
}
