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
internal sealed class Supervisor(Launch launch, LogFile log, ConsoleLines console, TimeProvider time)
{
    private const int TriesBeforeReady = 5;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _steady = TimeSpan.FromSeconds(60);

    private long? _healthySince;
    private bool _wasReady;

    /// <summary>Called with the process id at every start.</summary>
    public required Func<int, Task> Started { get; init; }

    /// <summary>Called with the exit code at every unasked end.</summary>
    public required Func<int, Task> Died { get; init; }

    public int? ExitCode { get; private set; }

    /// <summary>What the last health check of the running process said.</summary>
    public void Report(bool healthy)
    {
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
            if (ExitCode == 0 && launch.MayFinish)
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
            console.Say(launch.Name, $"ended with code {ExitCode}; starts again in {pause.TotalSeconds:0} s");
            if (!await SleepAsync(pause, stopping))
            {
                return Ending.Stopped;
            }
        }
    }

    /// <summary>1 s, doubling with every death in a row up to 30 s.</summary>
    internal static TimeSpan Pause(int deaths) =>
        TimeSpan.FromSeconds(Math.Min(Math.Pow(2, deaths - 1), _longestPause.TotalSeconds));

    /// <returns>False when it was stopped, true when it ended by itself.</returns>
    private async Task<bool> RunOnceAsync(CancellationToken stopping)
    {
        var child = await ChildProcess.StartAsync(launch, line =>
        {
            log.WriteLine(line);
            console.Relay(launch.Name, line);
        });
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
