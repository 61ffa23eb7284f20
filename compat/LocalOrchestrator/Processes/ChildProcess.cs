using System.Diagnostics;

namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>
/// One running child: leader of its own session and process group, so that Ctrl+C reaches only the AppHost, one signal
/// reaches the child's own children too, and the kernel ends it when the AppHost dies.
/// </summary>
internal sealed class ChildProcess
{
    private readonly Process _process;
    private readonly Launch _launch;
    private readonly Task _output;

    private ChildProcess(Process process, Launch launch, Action<string> onLine)
    {
        _process = process;
        _launch = launch;
        _output = Task.WhenAll(PumpAsync(process.StandardOutput, onLine), PumpAsync(process.StandardError, onLine));
        Exited = WaitAsync();
    }

    public int Id => _process.Id;

    /// <summary>Ends with the exit code (128 + the number of the signal that ended it).</summary>
    public Task<int> Exited { get; }

    public static async Task<ChildProcess> StartAsync(Launch launch, Action<string> onLine)
    {
        // setsid does not fork here (the child leads no group yet), and setpriv replaces itself: the id stays the child's.
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = launch.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in CommandLine(launch))
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment.Clear();
        foreach (var (name, value) in InheritedEnvironment.Read().Concat(launch.Environment.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))))
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(await ForkThread.StartAsync(start), launch, onLine);
        await child.FeedAsync(launch.StandardInput);
        return child;
    }

    /// <summary>Asks the child to end, and after the grace kills it and what is left of its group.</summary>
    public async Task StopAsync(TimeProvider time)
    {
        Signals.Send(Id, _launch.StopSignal);
        try
        {
            await Exited.WaitAsync(_launch.StopGrace, time);
        }
        catch (TimeoutException)
        {
            Signals.SendToGroup(Id, Signal.Kill);
            await Exited;
        }
    }

    private static IEnumerable<string> CommandLine(Launch launch)
    {
        yield return "setpriv";
        yield return "--pdeathsig";
        yield return launch.DeathSignal.ToString().ToUpperInvariant();
        if (launch.RunAs is { } user)
        {
            yield return "--reuid=" + user;
            yield return "--regid=" + user;
            yield return "--init-groups";
        }
        yield return "--";
        yield return launch.FileName;
        foreach (var argument in launch.Arguments)
        {
            yield return argument;
        }
    }

    private async Task FeedAsync(string input)
    {
        try
        {
            await _process.StandardInput.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child ended before it read its input; Exited tells the code and the log the reason.
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        // Whatever the child started and left behind goes with it.
        Signals.SendToGroup(Id, Signal.Kill);
        // Its last words are read first, unless a process that left the group still holds the pipe.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromSeconds(1)));
        return _process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }
}
