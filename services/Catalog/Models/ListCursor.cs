using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ZooPlatform.Catalog.Models;

/// <summary>Where a list by last change was left: the last item's time and id.</summary>
internal sealed record ListCursor(DateTimeOffset UpdatedAt, Guid Id)
{
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{UpdatedAt.UtcTicks}:{Id:N}")));

    public static bool TryParse(string text, out ListCursor? cursor)
    {
        cursor = null;
        if (text.Length > 100 || !Base64Url.IsValid(text)) return false;
        var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(':');
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks > DateTimeOffset.MaxValue.UtcTicks || !Guid.TryParseExact(parts[1], "N", out var id)) return false;
        cursor = new ListCursor(new DateTimeOffset(ticks, TimeSpan.Zero), id);
        return true;
    }
}
