using System.Globalization;
using System.Text.RegularExpressions;

namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>A call to the kernel as strace wrote it down (<c>-f -xx</c>).</summary>
/// <param name="Begun">The line at which it began: what it does may be seen from here on.</param>
/// <param name="Done">The line at which it was over: what it does has happened.</param>
/// <param name="Result">Negative: it failed.</param>
internal sealed partial record TracedCall(int Begun, int Done, string Name, string Arguments, long Result)
{
    /// <summary>In the order in which they were over. What was under way when the process died is left out.</summary>
    public static IReadOnlyList<TracedCall> Read(IEnumerable<string> lines)
    {
        var calls = new List<TracedCall>();
        var begun = new Dictionary<string, (int Line, string Text)>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0) continue;
            var (thread, text) = (line[..space], line[space..].TrimStart());
            if (text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("+++", StringComparison.Ordinal)) continue;   // signals, ends
            const string unfinished = " <unfinished ...>";
            if (text.EndsWith(unfinished, StringComparison.Ordinal))
            {
                begun[thread] = (number, text[..^unfinished.Length]);
                continue;
            }
            var from = number;
            if (text.StartsWith("<... ", StringComparison.Ordinal))
            {
                if (!begun.Remove(thread, out var first)) continue;
                (from, text) = (first.Line, first.Text + text[(text.IndexOf("resumed>", StringComparison.Ordinal) + "resumed>".Length)..]);
            }
            var (open, equals) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(" = ", StringComparison.Ordinal));
            if (open < 0 || equals < open) continue;
            var result = text[(equals + 3)..].Split(' ')[0];
            calls.Add(new TracedCall(from, number, text[..open], text[(open + 1)..text.LastIndexOf(')', equals)],
                long.TryParse(result, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : -1));
        }
        return calls;
    }

    /// <summary>The first argument: a file's number.</summary>
    public int File => int.Parse(Arguments.AsSpan(0, Arguments.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : Arguments.Length), CultureInfo.InvariantCulture);

    /// <summary>The strings among the arguments.</summary>
    public IReadOnlyList<byte[]> Strings() => [.. Quoted().Matches(Arguments).Select(match => Bytes(match.Groups[1].ValueSpan))];

    public IReadOnlyList<string> Paths() => [.. Strings().Select(System.Text.Encoding.UTF8.GetString)];

    /// <summary>All bytes that it writes or sends, one after the other.</summary>
    public byte[] Payload()
    {
        if (Arguments.Contains("\"...", StringComparison.Ordinal)) throw new InvalidOperationException($"strace cut what {Name} wrote: its string limit is too low.");
        return Strings() is [var one] ? one : [.. Strings().SelectMany(bytes => bytes)];
    }

    /// <summary>The numbers after the last string, or of all arguments when there is none.</summary>
    public IReadOnlyList<long> Numbers() =>
        [.. Number().Matches(Arguments[(Arguments.LastIndexOf('"') + 1)..]).Select(match => long.Parse(match.ValueSpan, CultureInfo.InvariantCulture))];

    public bool Has(string flag) => Arguments.Contains(flag, StringComparison.Ordinal);

    private static byte[] Bytes(ReadOnlySpan<char> escaped)
    {
        var bytes = new byte[escaped.Length / 4];   // \x41
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)((Digit(escaped[i * 4 + 2]) << 4) | Digit(escaped[i * 4 + 3]));
        return bytes;
    }

    private static int Digit(char digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;

    [GeneratedRegex("\"((?:\\\\x[0-9a-f]{2})*)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("(?<![0-9A-Za-z_])-?[0-9]+")]
    private static partial Regex Number();
}
