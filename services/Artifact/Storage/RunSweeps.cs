using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Runs the sweep that was asked for, and notes how far it is. One that was cut short by the service's end is not taken up again: nothing
/// is lost by it, and the next one finds what it left.</summary>
/// <remarks>Several processes may share the database. One at a time is at sweeps: it holds a lock of PostgreSQL's, which ends with its connection. So a
/// sweep that has begun, found by who has just got the lock, is nobody's any more.</remarks>
internal sealed class RunSweeps(JobSignal<RunSweeps> signal, IServiceScopeFactory scopes, TimeProvider time, ILogger<RunSweeps> logger) : BackgroundService
{
    internal const long LockKey = 0x7A6F6F11;
    private const int MaxKept = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1), s_retry = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await AloneAsync((db, ct) => OpenAsync(db, ct), cancellationToken);   // before anybody can ask how far it is
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var alone = true;
            try
            {
                alone = await AloneAsync(RunOnceAsync, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.SweepBroke(e.Message);   // not even that could be noted: it is tried again
            }
            await signal.WaitAsync(alone ? s_patience : s_retry, stoppingToken);
        }
    }

    /// <returns>False: another process is at it, or one that was killed a moment ago.</returns>
    private async Task<bool> AloneAsync(Func<ArtifactDb, CancellationToken, Task> run, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();   // not the sweep's: that has its connection to itself
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        await db.Database.OpenConnectionAsync(ct);   // the lock is the connection's
        try
        {
            if (!await db.Database.SqlQuery<bool>($"select pg_try_advisory_lock({LockKey}) as \"Value\"").SingleAsync(ct)) return false;
            try
            {
                await run(db, ct);
                return true;
            }
            finally
            {
                await db.Database.ExecuteSqlAsync($"select pg_advisory_unlock({LockKey})", CancellationToken.None);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>The sweep that waits to be run; one that was cut short is ended here.</summary>
    private async Task<Sweep?> OpenAsync(ArtifactDb db, CancellationToken ct)
    {
        var open = await db.Sweeps.AsNoTracking().SingleOrDefaultAsync(row => row.EndedAt == null, ct);
        if (open is null || open.Step == Sweep.Waiting) return open;
        await EndAsync(db, open.Id, "interrupted", null, null);
        return null;
    }

    private async Task RunOnceAsync(ArtifactDb db, CancellationToken ct)
    {
        if (await OpenAsync(db, ct) is not { } sweep) return;
        try
        {
            GarbageReport? report;
            while ((report = await SweepAsync(db, sweep, ct)) is null) await Task.Delay(s_retry, time, ct);
            await EndAsync(db, sweep.Id, "done", JsonSerializer.Serialize(report, ZooJson.Options), null);
        }
        catch (Exception e)
        {
            if (!ct.IsCancellationRequested) logger.SweepBroke(e.Message);
            await EndAsync(db, sweep.Id, ct.IsCancellationRequested ? "interrupted" : "failed", null,
                ct.IsCancellationRequested ? null : "It broke; event 2032 in the log says why. What it deleted was garbage, and the next sweep finds the rest.");
            if (ct.IsCancellationRequested) throw;
        }
    }

    /// <returns>Null: another process sweeps, or one that was killed a moment ago still holds the lock.</returns>
    private async Task<GarbageReport?> SweepAsync(ArtifactDb notes, Sweep sweep, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<SweepGarbage>().RunAsync(sweep.DryRun, progress => notes.Database.ExecuteSqlAsync(
            $"update sweeps set step = {progress.Step}, blob_count = {progress.Found}, done_count = {progress.Done} where id = {sweep.Id}", ct), ct);
    }

    private async Task EndAsync(ArtifactDb db, Guid id, string state, string? report, string? error) => await db.Database.ExecuteSqlAsync($"""
        update sweeps set state = {state}, ended_at = {time.GetUtcNow()}, report = {report}::jsonb, error = {error} where id = {id};
        delete from sweeps where id in (select id from sweeps where ended_at is not null order by begun_at desc offset {MaxKept})
        """, CancellationToken.None);
}
