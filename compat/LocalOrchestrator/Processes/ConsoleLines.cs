namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>What the AppHost shows: lines prefixed with the resource they come from, in one column.</summary>
internal sealed class ConsoleLines(int nameWidth)
{
    /// <summary>
    /// Children's lines go to a terminal or a pipe, not into a file: the files in <c>logs/</c> hold them already, and rotate.
    /// </summary>
    private readonly bool _childrenToo = !OutputIsFile();

    /// <summary>A line that a child wrote.</summary>
    public void Relay(string name, string line)
    {
        if (_childrenToo)
        {
            Console.Out.WriteLine($"{name.PadRight(nameWidth)} | {line}");
        }
    }

    /// <summary>A line about a resource: started, ready, died.</summary>
    public void Say(string name, string line) => Console.Out.WriteLine($"{name.PadRight(nameWidth)} * {line}");

    private static bool OutputIsFile() =>
        File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.FullName is { } target
        && File.Exists(target) && !target.StartsWith("/dev/", StringComparison.Ordinal);
}
