using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Storage;

/// <summary>Two processes on one database, as while the old one ends and the new one has started.</summary>
public sealed class TwoProcessesTests(ArtifactWithoutGrace app) : IClassFixture<ArtifactWithoutGrace>
{
    [Fact]
    public async Task A_sweep_of_the_other_one_goes_on_and_is_ended_only_when_that_one_is_gone()
    {
        var (id, admin) = (Guid.CreateVersion7(), app.AnAdministrator());
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        await using var other = await source.OpenConnectionAsync();
        await ExecuteAsync(other, $"select pg_advisory_lock({RunSweeps.LockKey}); insert into sweeps (id, dry_run, state, step, begun_at) values ('{id}', false, 'running', 'deleting blobs', now())");
        using var started = ActivatorUtilities.CreateInstance<RunSweeps>(app.Services);
        await started.StartAsync(default);
        await Task.Delay(1500);   // it has looked, more than once
        Assert.Equal((SweepState.Running, "deleting blobs"), await StateAsync());
        // The other one ends its sweep: what it came to stays.
        await ExecuteAsync(other, $"update sweeps set state = 'done', ended_at = now() where id = '{id}'; select pg_advisory_unlock_all()");
        await admin.SweepAsync();
        Assert.Equal((SweepState.Done, "deleting blobs"), await StateAsync());

        await ExecuteAsync(other, $"select pg_advisory_lock({RunSweeps.LockKey}); update sweeps set state = 'running', ended_at = null where id = '{id}'");
        app.Services.GetRequiredService<ServiceDefaults.Feeds.JobSignal<RunSweeps>>().Wake();
        await ExecuteAsync(other, "select pg_sleep(0.5); select pg_advisory_unlock_all()");   // it was killed
        var ended = await admin.EndOfAsync(await admin.GetJsonAsync<SweepView>($"/api/v1/storage/gc/{id}"));
        Assert.Equal(SweepState.Interrupted, ended.State);
        await started.StopAsync(default);

        async Task<(SweepState, string)> StateAsync()
        {
            var sweep = await admin.GetJsonAsync<SweepView>($"/api/v1/storage/gc/{id}");
            return (sweep.State, sweep.Step);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
