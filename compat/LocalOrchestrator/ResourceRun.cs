using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>
/// One resource from waiting to its end: 1. wait for others, 2. prepare and start its process, if it has one, 3. watch its
/// health and, when it dies, prepare and start it again, until it is stopped.
/// </summary>
internal sealed class ResourceRun(IResource resource, Func<CancellationToken, Task<Launch>>? prepare, Surroundings around)
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pauseWhenHealthy = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ResourceStates _states = new(resource, around);
    private Task _ended = Task.CompletedTask;
    private readonly SemaphoreSlim _processChanged = new(0);
    private volatile bool _isRunning;

    public IResource Resource => resource;

    public void Start() => _ended = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _ended;
    }

    private async Task RunAsync()
    {
        var ct = _stopping.Token;
        try
        {
            await WaitForOthersAsync(ct);                                     // 1
            if (prepare is null)
            {
                await RunningAsync(pid: null);
                await WatchHealthAsync(_ => { }, ct);
            }
            else
            {
                await _states.StartingAsync();
                await SuperviseAsync(await prepare(ct), prepare, ct);         // 2, 3
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await _states.EndedAsync();
        }
        catch (Exception e)
        {
            await _states.FailedAsync(e.Message);
        }
    }

    private async Task WaitForOthersAsync(CancellationToken ct)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (resource is IResourceWithParent { Parent: var parent })
        {
            waits.Add(new WaitAnnotation(parent, WaitType.WaitUntilHealthy));
        }
        if (waits.Count > 0)
        {
            await _states.WaitingAsync();
            await Task.WhenAll(waits.Select(wait => WaitForAsync(wait, ct)));
        }
    }

    private async Task WaitForAsync(WaitAnnotation wait, CancellationToken ct)
    {
        var name = wait.Resource.Name;
        switch (wait.WaitType)
        {
            case WaitType.WaitUntilHealthy:
                await around.Notifications.WaitForResourceHealthyAsync(name, wait.WaitBehavior ?? WaitBehavior.StopOnResourceUnavailable, ct);
                break;
            case WaitType.WaitUntilStarted:
                await around.Notifications.WaitForResourceAsync(name, [KnownResourceStates.Running, .. KnownResourceStates.TerminalStates], ct);
                break;
            default:
                var end = await around.Notifications.WaitForResourceAsync(
                    name, change => change.Snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state), ct);
                if (end.Snapshot.ExitCode != wait.ExitCode)
                {
                    throw new DistributedApplicationException(
                        $"'{name}' ended with code {end.Snapshot.ExitCode?.ToString() ?? "none"} where {wait.ExitCode} was awaited.");
                }
                break;
        }
    }

    private async Task SuperviseAsync(Launch launch, Func<CancellationToken, Task<Launch>> prepareAgain, CancellationToken ct)
    {
        using var log = new LogFile(Path.Combine(around.Data.Logs, resource.Name + ".log"), around.Time);
        var supervisor = new Supervisor(launch, prepareAgain, log, around.Console, around.Time)
        {
            Started = pid => RunningAsync(pid),
            Died = DiedAsync,
        };
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watch = WatchHealthAsync(supervisor.Report, watching.Token);
        var ending = await supervisor.RunAsync(ct);
        _isRunning = false;
        await watching.CancelAsync();
        await watch.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        switch (ending)
        {
            case Ending.Finished:
                await _states.FinishedAsync(supervisor.ExitCode);
                break;
            case Ending.NeverReady:
                await _states.FailedAsync($"ended with code {supervisor.ExitCode} again and again. Its last lines, from {log.Path}:\n    "
                    + string.Join("\n    ", log.LastLines));
                break;
            default:
                await _states.EndedAsync(supervisor.ExitCode);
                break;
        }
    }

    private Task RunningAsync(int? pid)
    {
        _isRunning = true;
        _processChanged.Release();
        return _states.RunningAsync(pid);
    }

    private Task DiedAsync(int exitCode)
    {
        _isRunning = false;
        return _states.DiedAsync(exitCode);
    }

    /// <summary>Asks until stopped: often at first, rarely once it is well. The first good answer makes the resource ready.</summary>
    private async Task WatchHealthAsync(Action<bool> report, CancellationToken ct)
    {
        Task? ready = null;
        for (var pause = _firstPause; ; await _processChanged.WaitAsync(pause, ct))
        {
            if (!_isRunning)
            {
                pause = _firstPause;
                continue;
            }
            var reports = await around.Health.CheckAsync(resource, ct);
            var isHealthy = reports.All(r => r.Status == HealthStatus.Healthy);
            report(isHealthy);
            if (isHealthy && ready is null)
            {
                ready = around.Eventing.PublishAsync(new ResourceReadyEvent(resource, around.Services), ct);
                await around.Notifications.PublishUpdateAsync(resource, s => s with { ResourceReadyEvent = new EventSnapshot(ready) });
                await ready;
            }
            await _states.ReportAsync(reports);
            pause = isHealthy ? _pauseWhenHealthy : TimeSpan.FromTicks(Math.Min((pause * 1.2).Ticks, _longestPause.Ticks));
        }
    }
}
