using Microsoft.EntityFrameworkCore;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Begins a sweep, unless one is under way: the index of the table lets in one at a time.</summary>
internal sealed class AskSweep(ArtifactDb db, JobSignal<RunSweeps> runner, TimeProvider time)
{
    /// <param name="askedBy">Null: nobody, it is time.</param>
    /// <returns>The one that begins, or the one that runs, which may be of the other kind.</returns>
    public async Task<Sweep> RunAsync(bool dryRun, string? askedBy, CancellationToken ct)
    {
        while (true)
        {
            var id = Guid.CreateVersion7();
            var made = await db.Database.ExecuteSqlAsync($"""
                insert into sweeps (id, dry_run, asked_by, state, step, begun_at) values ({id}, {dryRun}, {askedBy}, 'running', {Sweep.Waiting}, {time.GetUtcNow()}) on conflict do nothing
                """, ct);
            runner.Wake();
            var sweeps = db.Sweeps.AsNoTracking();
            if (await sweeps.SingleOrDefaultAsync(row => made > 0 ? row.Id == id : row.EndedAt == null, ct) is { } sweep) return sweep;   // null: the other one has just ended
        }
    }
}
