namespace ZooPlatform.Cli.Terminals;

/// <summary>How far a transfer is, its rate and the time left: one line that a terminal rewrites, or now and then a new
/// one where progress goes to a file. Safe to call from any thread.</summary>
internal sealed class TransferProgress(Surroundings surroundings, string verb, long totalBytes)
{
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly long started = surroundings.Time.GetTimestamp();
    private long shown = surroundings.Time.GetTimestamp();
    private long doneBytes;
    private long movedBytes;
    private int lineLength;

    /// <summary>Bytes that were moved now.</summary>
    public void Moved(long bytes) => Add(bytes, bytes);

    /// <summary>Bytes that an earlier attempt had moved already: done, but they say nothing about the rate.</summary>
    public void Resumed(long bytes) => Add(bytes, 0);

    /// <summary>Ends the line, so that what follows begins a new one.</summary>
    public void End()
    {
        lock (gate)
        {
            if (lineLength > 0)
            {
                Show();
                surroundings.Error.WriteLine();
                lineLength = 0;
            }
        }
    }

    private void Add(long done, long moved)
    {
        lock (gate)
        {
            doneBytes += done;
            movedBytes += moved;
            var pause = surroundings.ErrorIsTerminal ? TerminalPause : LogPause;
            if (surroundings.Time.GetElapsedTime(shown) >= pause)
            {
                shown = surroundings.Time.GetTimestamp();
                Show();
            }
        }
    }

    private void Show()
    {
        var line = Describe(verb, doneBytes, totalBytes, movedBytes, surroundings.Time.GetElapsedTime(started));
        if (surroundings.ErrorIsTerminal)
        {
            surroundings.Error.Write("\r" + line.PadRight(lineLength));
            lineLength = line.Length;
        }
        else
        {
            surroundings.Error.WriteLine(line);
        }
    }

    /// <summary><c>uploading 12.3 MB of 51.7 MB (23 %), 8.2 MB/s, 5 s left</c></summary>
    internal static string Describe(string verb, long doneBytes, long totalBytes, long movedBytes, TimeSpan elapsed)
    {
        var percent = totalBytes == 0 ? 100 : (int)(100 * doneBytes / totalBytes);
        var line = $"{verb} {Amounts.Bytes(doneBytes)} of {Amounts.Bytes(totalBytes)} ({percent} %)";
        if (movedBytes <= 0 || elapsed <= TimeSpan.Zero)
        {
            return line;
        }
        var rate = movedBytes / elapsed.TotalSeconds;
        line += $", {Amounts.Bytes(rate)}/s";
        var left = TimeSpan.FromSeconds(Math.Min((totalBytes - doneBytes) / rate, TimeSpan.FromDays(99).TotalSeconds));
        return left > TimeSpan.Zero ? $"{line}, {Amounts.Time(left)} left" : line;
    }
}
