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
    private int lineLength;

    public long MovedBytes { get; private set; }

    public long ResumedBytes { get; private set; }

    public long ReusedBytes { get; private set; }

    /// <summary>Bytes that were moved now.</summary>
    public void Moved(long bytes) => Add(bytes, moved: bytes);

    /// <summary>Bytes that an earlier attempt had moved already: done, but they say nothing about the rate.</summary>
    public void Resumed(long bytes) => Add(bytes, resumed: bytes);

    /// <summary>Bytes that were on this machine already, in another file.</summary>
    public void Reused(long bytes) => Add(bytes, reused: bytes);

    /// <summary>Bytes that were moved and have to be moved again.</summary>
    public void Lost(long bytes) => Add(-bytes);

    /// <summary>All of a file has to be moved, because some of what was there already is wrong.</summary>
    public void Wrong(long resumed, long reused, long sizeBytes) => Add(-sizeBytes, 0, -resumed, -reused);

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

    private void Add(long done, long moved = 0, long resumed = 0, long reused = 0)
    {
        lock (gate)
        {
            doneBytes += done;
            MovedBytes += moved;
            ResumedBytes += resumed;
            ReusedBytes += reused;
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
        var line = Describe(verb, doneBytes, totalBytes, MovedBytes, surroundings.Time.GetElapsedTime(started), ResumedBytes, ReusedBytes);
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

    /// <summary><c>uploading 12.3 MB of 51.7 MB (23 %), 4.0 MB were there, 8.2 MB/s, 5 s left</c></summary>
    internal static string Describe(
        string verb, long doneBytes, long totalBytes, long movedBytes, TimeSpan elapsed, long resumedBytes = 0, long reusedBytes = 0)
    {
        var percent = totalBytes == 0 ? 100 : (int)(100 * doneBytes / totalBytes);
        var line = $"{verb} {Amounts.Bytes(doneBytes)} of {Amounts.Bytes(totalBytes)} ({percent} %)";
        line += resumedBytes > 0 ? $", {Amounts.Bytes(resumedBytes)} were there" : "";
        line += reusedBytes > 0 ? $", {Amounts.Bytes(reusedBytes)} reused" : "";
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
