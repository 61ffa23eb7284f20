using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>What the feed tells: per repository, the newest succeeded run of the main branch's revision.</summary>
internal static class RunSummaries
{
    public const string Kind = "run-summary";

    public static async Task<IReadOnlyDictionary<Guid, RunSummaryState>> LoadAsync(BenchmarkDb db, IReadOnlyList<Guid> repositories, CancellationToken ct)
    {
        var newest = await (
            from run in db.Runs
            join model in db.Models on new { Id = run.RepositoryId, Revision = (string?)run.Revision } equals new { model.Id, model.Revision }
            join device in db.Devices on run.DeviceId equals device.Id
            where repositories.Contains(run.RepositoryId) && run.Status == RunStatus.Succeeded
            orderby run.EndedAt descending
            select new { Run = run, Device = device.Name }).AsNoTracking().ToListAsync(ct);
        return newest.GroupBy(found => found.Run.RepositoryId).ToDictionary(group => group.Key, group => Of(group.First().Run, group.First().Device));
    }

    private static RunSummaryState Of(Run run, string device) => new(
        run.RepositoryId, run.Revision, run.File, run.Id, run.Results!.Latency.P50Ms, run.Results.ThroughputPerSecond,
        run.Results.PeakMemoryBytes, run.Results.Accuracy?.Passed, device, run.EndedAt!.Value);
}
