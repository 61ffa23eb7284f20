namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>How a supervised process came to its end.</summary>
internal enum Ending
{
    /// <summary>It was asked to.</summary>
    Stopped,

    /// <summary>Its work is done.</summary>
    Finished,

    /// <summary>It died again and again before it was ever ready.</summary>
    NeverReady,
}

/// <summary>
/// Keeps one process running: started again after 1 s, 2 s, 4 s ... 30 s when it dies, from 1 s again after 60 s of
/// health. One that dies five times before it was ready is given up, so that a wrong setting ends in an error, not in a loop.
/// </summary>
/// <param name="launch">What to start first.</param>
/// <param name="prepare">Makes all ready once more, before every later start: whoever died may have left something, or have lost its folder.</param>
internal sealed class Supervisor(Launch launch, Func<CancellationToken, Task<Launch>> prepare, LogFile log, ConsoleLines console, TimeProvider time)
{
    private const int TriesBeforeReady = 5;
    private const int NotStarted = 127;   // as a shell says it
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _steady = TimeSpan.FromSeconds(60);

    private Launch _launch = launch;
    private ChildProcess? _child;
    private long? _healthySince;
    private bool _wasReady;

    /// <summary>Called with the process id at every start.</summary>
    public required Func<int, Task> Started { get; init; }

    /// <summary>Called with the exit code at every unasked end.</summary>
    public required Func<int, Task> Died { get; init; }

    public int? ExitCode { get; private set; }

    /// <summary>What the last health check of the running process said. One whose folder was deleted under it is ended: it would go on
    /// with files that nobody can see, and lose them.</summary>
    public void Report(bool healthy)
    {
        if (_launch.Keeps is { } folder && !Directory.Exists(folder) && _child is { Exited.IsCompleted: false } child)
        {
            console.Say(_launch.Name, $"{folder} is gone; it starts again without");
            Signals.SendToGroup(child.Id, Signal.Kill);
        }
        _healthySince = healthy ? _healthySince ?? time.GetTimestamp() : null;
        _wasReady |= healthy;
    }

    public async Task<Ending> RunAsync(CancellationToken stopping)
    {
        for (var deaths = 1; ; deaths++)
        {
            if (!await RunOnceAsync(stopping))
            {
                return Ending.Stopped;
            }
            if (ExitCode == 0 && _launch.MayFinish)
            {
                return Ending.Finished;
            }
            if (_healthySince is { } since && time.GetElapsedTime(since) >= _steady)
            {
                deaths = 1;
            }
            _healthySince = null;
            await Died(ExitCode!.Value);
            if (deaths == TriesBeforeReady && !_wasReady)
            {
                return Ending.NeverReady;
            }

            var pause = Pause(deaths);
            console.Say(_launch.Name, $"ended with code {ExitCode}; starts again in {pause.TotalSeconds:0} s");
            if (!await SleepAsync(pause, stopping) || !await PrepareAsync(stopping))
            {
                return Ending.Stopped;
            }
        }
    }

    /// <returns>False when it was stopped. What cannot be made ready now is tried with what was ready before, which tells why in its log.</returns>
    private async Task<bool> PrepareAsync(CancellationToken stopping)
    {
        try
        {
            _launch = await prepare(stopping);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is DistributedApplicationException or IOException or UnauthorizedAccessException)
        {
            log.WriteLine(e.Message);
            console.Say(_launch.Name, e.Message);
            return true;
        }
    }

    /// <summary>1 s, doubling with every death in a row up to 30 s.</summary>
    internal static TimeSpan Pause(int deaths) =>
        TimeSpan.FromSeconds(Math.Min(Math.Pow(2, deaths - 1), _longestPause.TotalSeconds));

    /// <returns>False when it was stopped, true when it ended by itself.</returns>
    private async Task<bool> RunOnceAsync(CancellationToken stopping)
    {
        ChildProcess child;
        try
        {
            child = await ChildProcess.StartAsync(_launch, line =>
            {
                log.WriteLine(line);
                console.Relay(_launch.Name, line);
            });
        }
        catch (System.ComponentModel.Win32Exception e) when (_wasReady)
        {
            // It ran before: its folder, or the room for another process, may come back.
            log.WriteLine(e.Message);
            ExitCode = NotStarted;
            return true;
        }
        _child = child;
        await Started(child.Id);
        try
        {
            ExitCode = await child.Exited.WaitAsync(stopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            await child.StopAsync(time);
            return false;
        }
    }

    private async Task<bool> SleepAsync(TimeSpan pause, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(pause, time, stopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
