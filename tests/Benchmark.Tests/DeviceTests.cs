using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>What the service finds out about its machine at start. In services of their own: what they kill would be others' worker.</summary>
[Collection(OneBenchmark.Name)]
public sealed class DeviceTests(BenchmarkApp shared)
{
    [Fact]
    public async Task A_first_worker_that_is_killed_does_not_make_the_sandbox_weaker()
    {
        var app = new BenchmarkApp();
        var others = BenchmarkApp.Workers().ToHashSet();
        var starting = Task.Run(app.InitializeAsync);
        Processes.Signal(await FirstWorkerAsync(others, starting), Processes.Kill);
        await starting;
        Assert.Equal(shared.Get<ThisDevice>().Profile.Fingerprint, app.Get<ThisDevice>().Profile.Fingerprint);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Where_every_first_worker_is_killed_the_service_does_not_start()
    {
        var app = new BenchmarkApp();
        var others = BenchmarkApp.Workers().ToHashSet();
        var starting = Task.Run(app.InitializeAsync);
        while (!starting.IsCompleted)
        {
            foreach (var worker in BenchmarkApp.Workers().Except(others)) Processes.Signal(worker, Processes.Kill);
            await Task.Delay(10);
        }
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => starting);
        Assert.Contains("No worker came up in 3 attempts", refused.Message, StringComparison.Ordinal);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_for_the_profile_that_a_machine_had_is_measured_under_the_one_it_has_now()
    {
        var app = new BenchmarkApp();
        await app.InitializeAsync();
        var path = await app.ADigitsModel();
        var measured = Assert.Single(await app.RunsAsync(path));
        var now = app.Get<ThisDevice>().Id;

        // As if the machine had got more memory, and the two were left waiting: one asked for, and the default one, which this profile has already.
        var former = Guid.CreateVersion7();
        var (asked, ofDefault) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlAsync($"""
            insert into devices select {former}, 'former', name, cpu, cores, memory_bytes / 2, gpu, operating_system, onnx_runtime, providers, limits from devices;
            insert into runs (id, repository_id, revision, file, sha256, external_data, settings, settings_key, is_default, requested_by, status, device_id, created_at)
                select case when number = 0 then {asked} else {ofDefault} end, repository_id, revision, file, sha256, external_data, settings, settings_key,
                    number = 1, requested_by, 'queued', {former}, created_at
                from runs, generate_series(0, 1) number where id = {measured.Id}
            """));
        await File.WriteAllTextAsync(app.Get<WorkerFolders>().Device, $"{former}");
        await app.RestartAsync();
        await app.KnownAsync(path);

        var ended = await app.EndedAsync(asked);
        Assert.Equal((RunStatus.Succeeded, now), (ended.Status, ended.Device!.Id));
        Assert.Equal([measured.Id, asked], (await app.RunsAsync(path)).Select(run => run.Id).Order());
        Assert.Equal($"{now}", await File.ReadAllTextAsync(app.Get<WorkerFolders>().Device));
        await app.DisposeAsync();
    }

    private static async Task<int> FirstWorkerAsync(HashSet<int> others, Task starting)
    {
        while (true)
        {
            Assert.False(starting.IsCompleted, "It started before a worker of its own was seen.");
            if (BenchmarkApp.Workers().Except(others).Cast<int?>().FirstOrDefault() is { } worker) return worker;
            await Task.Delay(10);
        }
    }
}
