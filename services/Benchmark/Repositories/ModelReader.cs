using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Runs;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>Follows Catalog: which files are fit to run. Each new one gets its default run queued.</summary>
internal sealed class ModelReader(
    IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<ModelReader> logger, ThisDevice device, JobSignal<Runner> signal, KnownModels known)
    : FeedReader<BenchmarkDb, ModelState>("catalog", scopes, clients, time, logger)
{
    private readonly TimeProvider _time = time;

    protected override async Task ApplyAsync(BenchmarkDb db, IReadOnlyList<Change<ModelState>> changes, CancellationToken ct)
    {
        var ids = changes.Select(change => change.Subject).ToList();
        await db.Models.Where(model => ids.Contains(model.Id)).ExecuteDeleteAsync(ct);
        foreach (var state in changes.Select(change => change.State).OfType<ModelState>())
        {
            db.Models.Add(new Model { Id = state.Id, Revision = state.Revision, Files = [.. state.Files] });
        }

        await db.SaveChangesAsync(ct);
        foreach (var state in changes.Select(change => change.State).OfType<ModelState>().Where(state => state.Revision is not null))
        {
            foreach (var file in state.Files.Where(file => file.Fit == true))
            {
                await db.QueueDefaultRunAsync(Run.Default(state.Id, state.Revision!, file, device.Id, _time.GetUtcNow()), ct);
            }
        }
    }

    protected override async Task ResetAsync(BenchmarkDb db, CancellationToken ct) => await db.Models.ExecuteDeleteAsync(ct);

    protected override void Applied(IReadOnlyList<Change<ModelState>> changes)
    {
        known.Forget();
        signal.Wake();
    }
}
