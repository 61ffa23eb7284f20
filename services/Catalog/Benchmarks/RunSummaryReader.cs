using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Catalog.Benchmarks;

/// <summary>Follows Benchmark's feed: what was measured stands on the model.</summary>
internal sealed class RunSummaryReader(
    IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<RunSummaryReader> logger)
    : FeedReader<CatalogDb, RunSummaryState>("benchmark", scopes, clients, time, logger)
{
    protected override async Task ApplyAsync(CatalogDb db, IReadOnlyList<Change<RunSummaryState>> changes, CancellationToken ct)
    {
        foreach (var change in changes.OrderBy(change => change.Subject))
        {
            await db.RunSummaries.Where(run => run.RepositoryId == change.Subject).ExecuteDeleteAsync(ct);
            if (change.State is { } run) db.RunSummaries.Add(From(run));
            await db.SaveChangesAsync(ct);
            if (await db.Models.AnyAsync(model => model.Id == change.Subject, ct))
                await db.Database.TouchAsync(change.Subject, "model", deleted: false, ct);
        }
    }

    protected override Task ResetAsync(CatalogDb db, CancellationToken ct) => db.RunSummaries.ExecuteDeleteAsync(ct);

    private static RunSummary From(RunSummaryState run) => new()
    {
        RepositoryId = run.RepositoryId,
        Revision = run.Revision,
        File = run.File,
        RunId = run.RunId,
        P50Ms = run.P50Ms,
        ThroughputPerSecond = run.ThroughputPerSecond,
        PeakMemoryBytes = run.PeakMemoryBytes,
        AccuracyPassed = run.AccuracyPassed,
        Device = run.Device,
        EndedAt = run.EndedAt,
    };
}
