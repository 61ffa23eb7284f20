using Microsoft.Extensions.Options;
using Npgsql;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>Works off the inspection queue, a few revisions at once. What cannot be read now is tried again, ever less often.</summary>
internal sealed class InspectionWorker(
    JobSignal<InspectionWorker> signal, IServiceScopeFactory scopes, IOptions<CatalogOptions> options, TimeProvider time, ILogger<InspectionWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);

    /// <summary>What is only out of reach is asked for again soon: when it is back nothing shall stay unread.</summary>
    private static readonly TimeSpan s_longestOutagePause = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.InspectionWorkers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (!await WorkOnceAsync(ct)) await signal.WaitAsync(s_idle, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
            {
                logger.QueueLost(e.Message);
                await Task.Delay(s_idle, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>False: no job was due.</summary>
    private async Task<bool> WorkOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CatalogDb>();
        if (await InspectionQueue.TakeAsync(db, ct) is not { } job) return false;

        signal.Wake();   // there may be more, for the other workers
        using var span = Spans.Job("read revision");
        var start = time.GetTimestamp();
        var succeeded = false;
        using var ours = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = KeepLeaseAsync(job, ours);
        try
        {
            await ReadAndStoreAsync(job, scope.ServiceProvider, ours.Token);
            succeeded = true;
        }
        catch (OperationCanceledException) when (ours.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            logger.ReadingDropped(job.ModelId, job.Revision);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            var pause = Pause(job, s_longestOutagePause);
            span.Broke(e.Message);
            logger.ReadingPostponed(job.ModelId, job.Revision, job.Attempts, pause, e.Message);
            await InspectionQueue.PostponeAsync(db, job, pause, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            var pause = Pause(job, s_longestPause);
            span.Broke(e.Message);
            logger.ReadingBroke(e, job.ModelId, job.Revision, job.Attempts, pause);
            await InspectionQueue.PostponeAsync(db, job, pause, ct);
        }
        finally
        {
            await ours.CancelAsync();
            await renewing;
        }
        Measures.Job("inspection", time.GetElapsedTime(start), succeeded);
        return true;
    }

    private static TimeSpan Pause(InspectionJob job, TimeSpan longest) =>
        TimeSpan.FromSeconds(Math.Min(Math.Pow(2, job.Attempts - 1), longest.TotalSeconds));

    /// <summary>Renews the lease until the work is done, and ends the work when the job is another's.</summary>
    private async Task KeepLeaseAsync(InspectionJob job, CancellationTokenSource ours)
    {
        while (!ours.IsCancellationRequested)
        {
            await Task.Delay(InspectionQueue.Lease / 5, time, ours.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ours.IsCancellationRequested) return;
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                if (!await InspectionQueue.RenewAsync(scope.ServiceProvider.GetRequiredService<CatalogDb>(), job, ours.Token)) await ours.CancelAsync();
            }
            catch (OperationCanceledException) when (ours.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
            {
                // Whose reading counts is decided when it is stored.
                logger.QueueLost(e.Message);
            }
        }
    }

    private async Task ReadAndStoreAsync(InspectionJob job, IServiceProvider services, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var reading = await services.GetRequiredService<ReadRevision>().RunAsync(job.ModelId, job.Revision, ct);
        if (reading is null)
        {
            // Artifact's feed tells of the deletion, or of the head that came after.
            await InspectionQueue.EndAsync(services.GetRequiredService<CatalogDb>(), job, ct);
            logger.ReadingDropped(job.ModelId, job.Revision);
        }
        else if (await services.GetRequiredService<StoreReading>().RunAsync(job, reading, ct))
        {
            var findings = reading.Findings.Count + reading.Files.Sum(file => file.Inspection?.Findings.Count ?? 0);
            logger.RevisionRead(job.ModelId, job.Revision, reading.Files.Count, findings, time.GetElapsedTime(start).TotalMilliseconds);
        }
        else
        {
            logger.ReadingDropped(job.ModelId, job.Revision);
        }
    }
}
