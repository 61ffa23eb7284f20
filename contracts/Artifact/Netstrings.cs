using System.Globalization;
using System.Text;

namespace ZooPlatform.Contracts.Artifact;

/// <summary>Many contents in one body: each as its size in decimal, <c>:</c>, its bytes, <c>,</c> (D. J. Bernstein, 1997).</summary>
public static class Netstrings
{
    private const int MaxDigits = 18;

    /// <summary>How many bytes a content takes in a body.</summary>
    public static long SizeOf(long contentBytes) => contentBytes + contentBytes.ToString(CultureInfo.InvariantCulture).Length + 2;

    public static byte[] Head(long contentBytes) => Encoding.ASCII.GetBytes(contentBytes.ToString(CultureInfo.InvariantCulture) + ":");

    public static ReadOnlySpan<byte> Tail => ","u8;

    /// <summary>Reads the size of the next content; null at the end. The caller reads the content, then <see cref="ReadTailAsync"/>.</summary>
    /// <param name="body">Buffered: it is read byte by byte here.</param>
    /// <exception cref="InvalidDataException">What comes is no netstring.</exception>
    public static async ValueTask<long?> ReadHeadAsync(Stream body, CancellationToken ct)
    {
        var one = new byte[1];
        var size = 0L;
        for (var digits = 0; ; digits++)
        {
            if (await body.ReadAsync(one, ct) == 0) return digits == 0 ? null : throw new InvalidDataException("The body ends within a size.");
            if (one[0] == ':' && digits > 0) return size;
            if (!char.IsAsciiDigit((char)one[0]) || digits == MaxDigits) throw new InvalidDataException("Where a size was due stands something else.");
            size = size * 10 + (one[0] - '0');
        }
    }

    /// <exception cref="InvalidDataException">The content is longer than its size, or the body ends.</exception>
    public static async ValueTask ReadTailAsync(Stream body, CancellationToken ct)
    {
        var one = new byte[1];
        if (await body.ReadAsync(one, ct) == 0 || one[0] != Tail[0]) throw new InvalidDataException("A content does not end where its size says.");
    }
}
