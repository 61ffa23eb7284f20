using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>What a process asks of the kernel, watched or answered in the kernel's place, by strace.</summary>
internal sealed partial class Strace : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _log;

    private Strace(Process process, string log) => (_process, _log) = (process, log);

    /// <summary>Writes down these calls of a running process.</summary>
    public static Task<Strace> WatchAsync(int process, string calls) => AttachAsync(process, ["-e", $"trace={calls}"]);

    /// <summary>Makes each of these calls fail with an error, such as <c>EIO</c>.</summary>
    public static Task<Strace> BreakAsync(int process, string calls, string error) =>
        AttachAsync(process, ["-e", $"trace={calls}", "-e", $"inject={calls}:error={error}"]);

    /// <summary>Lets go of the process; what was seen, in order. A call that others interrupted stands where it was done (<c>resumed</c>).</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return await File.ReadAllLinesAsync(_log);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await StopAsync();
        _process.Dispose();
        File.Delete(_log);
    }

    private static async Task<Strace> AttachAsync(int process, string[] arguments)
    {
        var log = Path.GetTempFileName();
        var start = new ProcessStartInfo("strace", ["--follow-forks", $"--attach={process}", "--decode-fds=path", "--string-limit=600", $"--output={log}", .. arguments])
        {
            RedirectStandardError = true,
        };
        var strace = Process.Start(start)!;
        // "strace: Process 4711 attached with 23 threads"
        var said = await strace.StandardError.ReadLineAsync();
        if (said is null || !Attached().IsMatch(said)) throw new InvalidOperationException($"strace could not be attached: {said}. Tests need it, and ptrace.");
        _ = strace.StandardError.ReadToEndAsync();
        return new Strace(strace, log);
    }

    [GeneratedRegex("Process [0-9]+ attached")]
    private static partial Regex Attached();
}
