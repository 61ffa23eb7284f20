using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Runs the sweep that was asked for, and notes how far it is. One that was cut short by the service's end is not taken up again: nothing
/// is lost by it, and the next one finds what it left.</summary>
internal sealed class RunSweeps(JobSignal<RunSweeps> signal, IServiceScopeFactory scopes, TimeProvider time, ILogger<RunSweeps> logger) : BackgroundService
{
    private const int MaxKept = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1), s_retry = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var scope = scopes.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<ArtifactDb>().Database.ExecuteSqlAsync(
                $"update sweeps set state = 'interrupted', ended_at = {time.GetUtcNow()} where ended_at is null", cancellationToken);
        }
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.SweepBroke(e.Message);   // not even that could be noted: it is tried again
            }
            await signal.WaitAsync(s_patience, stoppingToken);
        }
    }

    private async Task RunOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();   // not the sweep's: that has its connection to itself
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        if (await db.Sweeps.AsNoTracking().SingleOrDefaultAsync(row => row.EndedAt == null, ct) is not { } sweep) return;
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
