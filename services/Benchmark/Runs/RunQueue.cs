using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>
/// The queue is the table <c>runs</c>. A runner takes a row for the length of its lease and renews it while it works. One that dies stops
/// renewing, and the row is taken again. Every later word of a runner is good only while the lease is still its own. Times are the
/// database's, so that clocks need not agree.
/// </summary>
internal static class RunQueue
{
    /// <summary>Queues a default run unless there is one for the same revision, file, device and settings.</summary>
    public static Task QueueDefaultRunAsync(this BenchmarkDb db, Run run, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        insert into runs (id, repository_id, revision, file, sha256, external_data, settings, settings_key, is_default, requested_by, status, device_id, created_at)
        values ({run.Id}, {run.RepositoryId}, {run.Revision}, {run.File}, {run.Sha256}, {run.ExternalData},
            {JsonSerializer.Serialize(run.Settings, ZooJson.Options)}::jsonb, {run.SettingsKey}, true, {run.RequestedBy}, 'queued', {run.DeviceId}, {run.CreatedAt})
        on conflict (repository_id, revision, file, device_id, settings_key) where is_default do nothing
        """, ct);

    /// <summary>Takes the oldest run that waits for this device, or whose runner is silent; null when there is none.</summary>
    public static async Task<Run?> ClaimAsync(this BenchmarkDb db, Guid device, Guid holder, TimeSpan lease, CancellationToken ct)
    {
        var claimed = await db.Runs.FromSql($"""
            update runs set status = 'running', attempts = attempts + 1, lease_holder = {holder}, lease_until = now() + {lease},
                progress = 0, message = 'starting', started_at = coalesce(started_at, now())
            where id = (
                select id from runs
                where device_id = {device} and (status = 'queued' or (status = 'running' and lease_until < now()))
                order by is_default, created_at, id
                for update skip locked limit 1)
            returning *
            """).AsNoTracking().ToListAsync(ct);
        return claimed.SingleOrDefault();
    }

    /// <summary>Does a run that somebody asked for wait for this device?</summary>
    public static Task<bool> IsSomebodyWaitingAsync(this BenchmarkDb db, Guid device, CancellationToken ct) =>
        db.Runs.AnyAsync(run => run.DeviceId == device && run.Status == RunStatus.Queued && !run.IsDefault, ct);

    /// <summary>Keeps the lease and tells how far the run is. False: the run is no longer this runner's, or was cancelled.</summary>
    public static async Task<bool> RenewAsync(this BenchmarkDb db, Guid run, Guid holder, TimeSpan lease, double progress, string doing, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            update runs set lease_until = now() + {lease}, progress = {progress}, message = {doing}
            where id = {run} and lease_holder = {holder} and status = 'running'
            """, ct) == 1;

    /// <summary>Ends a run that measured: results, raw samples and the feed's row in one transaction.</summary>
    public static async Task SucceedAsync(this BenchmarkDb db, Run run, RunResults results, long[] latenciesNs, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var ours = await db.Database.ExecuteSqlAsync($"""
            update runs set status = 'succeeded', progress = 1, message = null, ended_at = now(), lease_until = null,
                results = {JsonSerializer.Serialize(results, ZooJson.Options)}::jsonb
            where id = {run.Id} and lease_holder = {run.LeaseHolder} and status = 'running'
            """, ct);
        if (ours == 0)
        {
            return;
        }

        db.Samples.Add(new RunSamples { RunId = run.Id, LatenciesNs = latenciesNs });
        await db.SaveChangesAsync(ct);
        await db.Database.TouchAsync(run.RepositoryId, RunSummaries.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
    }

    public static Task FailAsync(this BenchmarkDb db, Run run, string message, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        update runs set status = 'failed', message = {message}, ended_at = now(), lease_until = null
        where id = {run.Id} and lease_holder = {run.LeaseHolder} and status = 'running'
        """, ct);

    /// <summary>Gives a run back unfinished: the service stops, a part of the platform is out of reach, or its worker was killed.</summary>
    /// <param name="counts">The attempt was one: after too many the run fails.</param>
    public static Task ReleaseAsync(this BenchmarkDb db, Run run, TimeSpan pause, string message, bool counts, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        update runs set lease_until = now() + {pause}, message = {message}, attempts = attempts - {(counts ? 0 : 1)}
        where id = {run.Id} and lease_holder = {run.LeaseHolder} and status = 'running'
        """, ct);

    /// <summary>Gives the runs that have not ended to another device. A default run that the other has already is dropped.</summary>
    public static Task MoveWaitingAsync(this BenchmarkDb db, Guid from, Guid to, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        with had as (
            delete from runs using runs other
            where runs.device_id = {from} and runs.is_default and runs.status in ('queued', 'running')
                and other.device_id = {to} and other.is_default and other.repository_id = runs.repository_id
                and other.revision = runs.revision and other.file = runs.file and other.settings_key = runs.settings_key
            returning runs.id)
        update runs set device_id = {to}
        where device_id = {from} and status in ('queued', 'running') and id not in (select id from had)
        """, ct);

    /// <summary>Cancels a run that has not ended; its runner notices when it renews its lease. False: it has ended.</summary>
    public static async Task<bool> CancelAsync(this BenchmarkDb db, Guid run, CancellationToken ct) => await db.Database.ExecuteSqlAsync($"""
        update runs set status = 'cancelled', message = 'cancelled', ended_at = now(), lease_until = null
        where id = {run} and status in ('queued', 'running')
        """, ct) == 1;
}
