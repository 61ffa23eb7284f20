using System.Buffers;
using System.Globalization;
using System.Text;

namespace ZooPlatform.Artifact.GitHttp;

internal enum PktKind
{
    Line,
    Flush,
    Delimiter,
    /// <summary>The body ended.</summary>
    End,
}

/// <param name="Text">Without the line feed at its end.</param>
internal readonly record struct Pkt(PktKind Kind, string Text = "");

/// <summary>Reads a request of pkt-lines: four hexadecimal digits that count themselves and the line, or <c>0000</c> and <c>0001</c>.</summary>
/// <param name="maxBytes">Of the whole body, inflated.</param>
/// <exception cref="BadHttpRequestException">It is none, or too long.</exception>
internal sealed class PktReader(Stream body, long maxBytes)
{
    /// <summary>No line that git's clients send is longer: a word, an id or a ref's name, capabilities.</summary>
    private const int MaxLineBytes = 4096;

    private readonly byte[] _line = new byte[MaxLineBytes];
    private long _bytes;

    public async ValueTask<Pkt> ReadAsync(CancellationToken ct)
    {
        if (!await FillAsync(4, mayEnd: true, ct)) return new Pkt(PktKind.End);
        if (!int.TryParse(Encoding.ASCII.GetString(_line, 0, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length))
            throw Malformed("no length stands where one should");
        if (length == 0) return new Pkt(PktKind.Flush);
        if (length == 1) return new Pkt(PktKind.Delimiter);
        if (length is < 4 or > MaxLineBytes) throw Malformed($"a line has {length} bytes");
        await FillAsync(length - 4, mayEnd: false, ct);
        return new Pkt(PktKind.Line, Encoding.UTF8.GetString(_line, 0, length - 4).TrimEnd('\n'));
    }

    private async ValueTask<bool> FillAsync(int count, bool mayEnd, CancellationToken ct)
    {
        try
        {
            var read = await body.ReadAtLeastAsync(_line.AsMemory(0, count), count, throwOnEndOfStream: false, ct);
            if (read == 0 && mayEnd) return false;
            if (read < count) throw Malformed("it ends in the middle of a line");
            if ((_bytes += read) > maxBytes)
                throw new BadHttpRequestException($"The request is longer than {maxBytes} bytes. Fetch less at once.", StatusCodes.Status413PayloadTooLarge);
            return true;
        }
        catch (InvalidDataException)
        {
            throw Malformed("its gzip is broken");
        }
    }

    private static BadHttpRequestException Malformed(string why) => new($"The request is not what git sends: {why}.");
}

internal static class PktLines
{
    public static void Flush(this IBufferWriter<byte> output) => output.Write("0000"u8);

    public static void Delimiter(this IBufferWriter<byte> output) => output.Write("0001"u8);

    /// <summary>Writes a line; the line feed is added.</summary>
    public static void Line(this IBufferWriter<byte> output, string text)
    {
        var count = Encoding.UTF8.GetByteCount(text) + 5;
        var span = output.GetSpan(count);
        Encoding.ASCII.GetBytes(count.ToString("x4", CultureInfo.InvariantCulture), span);
        Encoding.UTF8.GetBytes(text, span[4..]);
        span[count - 1] = (byte)'\n';
        output.Advance(count);
    }
}
