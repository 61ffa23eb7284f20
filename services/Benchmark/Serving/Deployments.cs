using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Workers;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>The deployments that this process holds. Starts one on demand, stops what is idle, and keeps their rows true.</summary>
internal sealed class Deployments(
    IServiceScopeFactory scopes, IServiceProvider services, IOptions<BenchmarkOptions> options, TimeProvider time, ILogger<Deployments> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Guid, ServedModel> _held = new();
    private readonly ConcurrentQueue<Guid> _forgotten = new();
    private readonly SemaphoreSlim _starting = new(1, 1);

    /// <summary>The deployment of this file, started if there is none.</summary>
    /// <exception cref="BusyException">As many models as this service holds are all busy.</exception>
    public async ValueTask<ServedModel> GetAsync(FileOutcome.Found found, string requestedBy, CancellationToken ct)
    {
        if (Find(found) is { } held)
        {
            return held;
        }

        await _starting.WaitAsync(ct);
        try
        {
            return Find(found) ?? await AddAsync(found, requestedBy, ct);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>The deployment of this file, loaded; started if there is none.</summary>
    /// <exception cref="BusyException">As many models as this service holds are all busy.</exception>
    /// <exception cref="WorkerException">It could not be loaded.</exception>
    public async ValueTask<ServedModel> LoadedAsync(FileOutcome.Found found, string requestedBy, CancellationToken ct)
    {
        var served = await GetAsync(found, requestedBy, ct);
        if (!served.IsLoaded)
        {
            await LoadAsync(served, ct);
        }

        return served;
    }

    /// <summary>The deployment of this file, if this process holds one.</summary>
    public ServedModel? Find(FileOutcome.Found found)
    {
        foreach (var (_, held) in _held)
        {
            if (held.Model.Repository == found.Repository.Id && held.Model.Revision == found.Revision && held.Model.File == found.File.Path)
            {
                return held;
            }
        }

        return null;
    }

    /// <summary>The revisions of this repository that this process holds loaded.</summary>
    public IEnumerable<ServedModel> Of(Guid repository) => _held.Values.Where(held => held.Model.Repository == repository);

    /// <summary>Loads the model now and keeps its row true, whether that works or not.</summary>
    /// <exception cref="WorkerException">It could not be loaded.</exception>
    public async Task LoadAsync(ServedModel served, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await served.LoadAsync(ct);
            if (await SetStatusAsync(served.Id, Deployment.Ready, null, ct))
            {
                logger.DeploymentReady(served.Id, served.Model.File, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        catch (WorkerException e)
        {
            await EndAsync(served.Id, Deployment.Failed, e.Message, CancellationToken.None);
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException)
        {
            await EndAsync(served.Id, Deployment.Failed, e.Message, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Ends a deployment. Harmless when it has ended.</summary>
    public async Task EndAsync(Guid id, string status, string reason, CancellationToken ct)
    {
        if (_held.TryRemove(id, out var served))
        {
            logger.DeploymentEnded(id, reason);
            await served.DisposeAsync();
        }

        await SetStatusAsync(id, status, reason, ct);
    }

    /// <summary>The repository is gone: its deployments end within a second.</summary>
    public void Forget(Guid repository) => _forgotten.Enqueue(repository);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Whatever was loaded, was loaded in a process that is gone.
        await using (var scope = scopes.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<BenchmarkDb>().Deployments
                .Where(row => row.Status == Deployment.Starting || row.Status == Deployment.Ready)
                .ExecuteUpdateAsync(row => row.SetProperty(r => r.Status, Deployment.Stopped).SetProperty(r => r.Message, "the service was restarted"), cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var served in _held.Values)
        {
            await served.DisposeAsync();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(s_round, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await LookAfterAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.DeploymentCareBroke(e);
            }
        }
    }

    private async Task LookAfterAsync(CancellationToken ct)
    {
        while (_forgotten.TryDequeue(out var repository))
        {
            foreach (var served in _held.Values.Where(held => held.Model.Repository == repository))
            {
                await EndAsync(served.Id, Deployment.Stopped, "its repository is gone", ct);
            }
        }

        var idleSince = time.GetUtcNow() - options.Value.DeploymentIdle;
        foreach (var served in _held.Values.Where(held => !held.IsBusy && held.LastUsedAt < idleSince))
        {
            await EndAsync(served.Id, Deployment.Stopped, $"idle for {options.Value.DeploymentIdle}", ct);
        }
    }

    private async Task<ServedModel> AddAsync(FileOutcome.Found found, string requestedBy, CancellationToken ct)
    {
        if (_held.Count >= options.Value.MaxDeployments)
        {
            var longestUnused = _held.Values.Where(held => !held.IsBusy).MinBy(held => held.LastUsedAt)
                ?? throw new BusyException($"All {options.Value.MaxDeployments} models that are held at once are busy. Try again in a few seconds.");
            await EndAsync(longestUnused.Id, Deployment.Stopped, "made room for another model", ct);
        }

        var row = new Deployment
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            RepositoryId = found.Repository.Id,
            Revision = found.Revision,
            File = found.File.Path,
            Sha256 = found.File.Sha256,
            ExternalData = [.. found.File.ExternalData],
            RequestedBy = requestedBy,
            CreatedAt = time.GetUtcNow(),
        };
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BenchmarkDb>();
        db.Deployments.Add(row);
        await db.SaveChangesAsync(ct);

        var model = new JobModel(row.RepositoryId, row.Revision, row.File, row.Sha256, row.ExternalData);
        return _held[row.Id] = new ServedModel(row.Id, model, StartWorkerAsync, options.Value, time);
    }

    private async Task<WorkerProcess> StartWorkerAsync(JobModel model, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (job, _) = await scope.ServiceProvider.GetRequiredService<PrepareJob>().RunAsync(model, withSamples: false, ct);

        // A deployment lives as long as it is used: each request has a limit of time, the whole has none.
        var limits = new WorkerLimits(options.Value.WorkerMemoryBytes, options.Value.WorkerHeapBytes, CpuSeconds: int.MaxValue);
        return await WorkerProcess.StartAsync(services.GetRequiredService<ThisDevice>().Sandbox, job, limits);
    }

    private async Task<bool> SetStatusAsync(Guid id, string status, string? message, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        return await scope.ServiceProvider.GetRequiredService<BenchmarkDb>().Deployments
            .Where(row => row.Id == id && row.Status != status)
            .ExecuteUpdateAsync(row => row.SetProperty(r => r.Status, status).SetProperty(r => r.Message, message).SetProperty(r => r.LastUsedAt, now), ct) == 1;
    }
}
