using System.Net;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>Takes runs from the queue, one at a time: two at once would disturb each other's figures.</summary>
internal sealed class Runner(
    IServiceScopeFactory scopes, ThisDevice device, JobSignal<Runner> signal, IOptions<BenchmarkOptions> options, TimeProvider time, ILogger<Runner> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private readonly Guid _holder = Guid.CreateVersion7();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<BenchmarkDb>();
                if (await db.ClaimAsync(device.Id, _holder, options.Value.Lease, stoppingToken) is { } run)
                {
                    await WorkAsync(run, db, scope.ServiceProvider.GetRequiredService<MeasureRun>(), stoppingToken);
                }
                else
                {
                    // What is queued here wakes; looking finds only what other instances queued or left.
                    await signal.WaitAsync(options.Value.Lease / 3, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.RunnerBroke(e);
                await Task.Delay(s_pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WorkAsync(Run run, BenchmarkDb db, MeasureRun measure, CancellationToken stopping)
    {
        if (run.Attempts > options.Value.Attempts)
        {
            await EndAsync(db, run, $"It was begun {options.Value.Attempts} times and never came to an end.", stopping);
            return;
        }

        logger.RunBegins(run.Id, run.File, run.Attempts);
        using var span = Spans.Job("measure run");
        var (begun, succeeded) = (time.GetTimestamp(), false);
        using var ours = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var state = new Progress(0, "starting");
        var isYielding = false;
        var renewing = KeepLeaseAsync(run, () => state, () => isYielding = true, ours);
        try
        {
            var (results, latencies) = await measure.RunAsync(run, step => state = step, ours.Token);
            await db.SucceedAsync(run, results, latencies, stopping);
            logger.RunSucceeded(run.Id, results.Latency.P50Ms);
            succeeded = true;
        }
        catch (WorkerException e) when (e.Killed && run.Attempts < options.Value.Attempts)
        {
            logger.RunPutBack(run.Id, e.Message);
            await db.ReleaseAsync(run, TimeSpan.Zero, "its worker was killed; waiting for another", counts: true, stopping);
        }
        catch (WorkerException e)
        {
            await EndAsync(db, run, Describe(run, e), stopping);
        }
        catch (InvalidDataException e)
        {
            await EndAsync(db, run, e.Message, stopping);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            await EndAsync(db, run, $"'{run.File}' of revision {run.Revision} is no longer there.", stopping);
        }
        catch (HttpRequestException e)
        {
            logger.RunPutBack(run.Id, e.Message);
            await db.ReleaseAsync(run, s_pause, "waiting for the platform", counts: false, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            logger.RunPutBack(run.Id, "the service stops");
            await db.ReleaseAsync(run, TimeSpan.Zero, "waiting for a runner", counts: false, CancellationToken.None);
        }
        catch (OperationCanceledException) when (isYielding)
        {
            logger.RunPutBack(run.Id, "somebody waits for another run");
            await db.ReleaseAsync(run, TimeSpan.Zero, "waiting: a run that somebody asked for goes first", counts: false, stopping);
        }
        catch (OperationCanceledException)
        {
            logger.RunLost(run.Id);
        }
        finally
        {
            Measures.Job("run", time.GetElapsedTime(begun), succeeded);
            await ours.CancelAsync();
            await renewing;
        }
    }

    /// <param name="yields">Told before the run is cancelled because somebody waits: a default run that never ends must not keep people waiting.</param>
    private async Task KeepLeaseAsync(Run run, Func<Progress> state, Action yields, CancellationTokenSource ours)
    {
        // Often enough to show progress and to notice a cancellation, and well within the lease.
        var pause = TimeSpan.FromSeconds(Math.Min(1, options.Value.Lease.TotalSeconds / 3));
        while (!ours.IsCancellationRequested)
        {
            await Task.Delay(pause, time, ours.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<BenchmarkDb>();
                var (progress, doing) = state();
                if (!ours.IsCancellationRequested && !await db.RenewAsync(run.Id, run.LeaseHolder!.Value, options.Value.Lease, progress, doing, ours.Token))
                {
                    await ours.CancelAsync();
                }
                else if (run.IsDefault && !ours.IsCancellationRequested && await db.IsSomebodyWaitingAsync(device.Id, ours.Token))
                {
                    yields();
                    await ours.CancelAsync();
                }
            }
            catch (OperationCanceledException) when (ours.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The database is away: go on measuring; whoever holds the lease in the end decides whose result counts.
                logger.LeaseNotRenewed(run.Id, e.Message);
            }
        }
    }

    private async Task EndAsync(BenchmarkDb db, Run run, string reason, CancellationToken ct)
    {
        logger.RunFailed(run.Id, reason);
        await db.FailAsync(run, reason, ct);
    }

    private static string Describe(Run run, WorkerException e) => e.Reason switch
    {
        FailureKind.Load => $"ONNX Runtime could not load '{run.File}': {e.Message}",
        FailureKind.Input => $"The sample data do not fit '{run.File}': {e.Message}",
        FailureKind.Run => $"'{run.File}' broke while it ran: {e.Message}",
        FailureKind.Memory => $"Out of memory: {e.Message}",
        FailureKind.Time => $"Timeout: {e.Message}",
        _ => $"The worker ended: {e.Message}",
    };
}
