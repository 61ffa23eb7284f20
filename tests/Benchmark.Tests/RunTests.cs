using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Runs;
using ZooPlatform.Benchmark.Statistics;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

[Collection(OneBenchmark.Name)]
public sealed class RunTests(BenchmarkApp app)
{
    [Fact]
    public async Task A_fit_file_gets_one_default_run_whose_figures_come_from_its_samples()
    {
        var path = await app.ADigitsModel();

        var run = Assert.Single(await app.RunsAsync(path));
        Assert.Equal((RunStatus.Succeeded, "model.onnx", 1d, null), (run.Status, run.File, run.Progress, run.Message));
        var results = run.Results!;
        Assert.True(results.Accuracy is { Passed: true, Sets: >= 2, Mismatches: 0 }, $"{results.Accuracy}");
        Assert.True(results.LoadMs > 0 && results.FirstRunMs > 0 && results.PeakMemoryBytes > 20 << 20, $"{results}");

        var samples = await app.Ada.GetFromJsonAsync<RunSamplesView>($"/api/v1/runs/{run.Id}/samples", ZooJson.Options);
        Assert.Equal(run.Settings.Iterations, samples!.LatenciesNs.Count);
        Assert.Equal(LatencyStatistics.Summarise(samples.LatenciesNs.ToArray()), results.Latency);
    }

    [Fact]
    public async Task A_default_run_is_queued_once_however_often_the_feed_repeats()
    {
        var repository = app.ARepository(Kits.Digits);
        var file = new ModelFileState("model.onnx", Neighbours.Hash(Kits.Digits["model.onnx"]), 1, "onnx", true, null, []);
        app.Neighbours.Inspect(repository, file);
        await app.KnownAsync($"acme/{repository.Name}");
        var first = await app.RunsAsync($"acme/{repository.Name}");
        app.Neighbours.Inspect(repository, file);
        await app.ADigitsModel();   // the feed has passed the repetition once this one is known

        Assert.Equal(first.Select(run => run.Id), (await app.RunsAsync($"acme/{repository.Name}")).Select(run => run.Id));
    }

    [Fact]
    public async Task The_feed_tells_the_newest_run_of_the_main_revision()
    {
        var path = await app.ADigitsModel();
        await app.RunsAsync(path);
        var asked = await app.EndedAsync((await app.QueueAsync(path, new RunSettings(Threads: 1, WarmUp: 1, Iterations: 5))).Id);
        Assert.Equal(5, asked.Results!.Latency.Samples);

        var page = await app.Service.GetFromJsonAsync<ChangePage<RunSummaryState>>("/internal/changes?after=0&limit=1000", ZooJson.Options);
        var summary = page!.Items.Single(change => change.Subject == asked.RepositoryId).State!;
        Assert.Equal((asked.Id, "c0ffee", true), (summary.RunId, summary.Revision, summary.AccuracyPassed));
    }

    [Fact]
    public async Task Who_may_not_read_a_repository_sees_none_of_its_runs()
    {
        var path = await app.ADigitsModel();
        var run = Assert.Single(await app.RunsAsync(path));

        await BenchmarkApp.ShouldBeProblem(await app.Stranger.GetAsync($"/api/v1/runs/{run.Id}"), 404, "run.unknown");
        await BenchmarkApp.ShouldBeProblem(await app.Stranger.GetAsync($"/api/v1/runs/{run.Id}/samples"), 404, "run.unknown");
        await BenchmarkApp.ShouldBeProblem(await app.Stranger.GetAsync($"/api/v1/runs?repository={path}"), 404, "repository.unknown");
        await BenchmarkApp.ShouldBeProblem(await app.Stranger.PostAsJsonAsync("/api/v1/runs", new CreateRun(path), ZooJson.Options), 404, "repository.unknown");
        var all = await app.Stranger.GetFromJsonAsync<Page<RunView>>("/api/v1/runs?limit=100", ZooJson.Options);
        Assert.DoesNotContain(all!.Items, item => item.RepositoryId == run.RepositoryId);
    }

    [Fact]
    public async Task A_reader_who_is_no_contributor_may_not_start_a_run()
    {
        var path = await app.ADigitsModel(Visibility.Public);

        await BenchmarkApp.ShouldBeProblem(await app.Stranger.PostAsJsonAsync("/api/v1/runs", new CreateRun(path), ZooJson.Options), 403, "run.role-needed");
    }

    [Fact]
    public async Task A_file_that_is_not_fit_is_refused_with_its_finding()
    {
        var repository = app.ARepository(new() { ["model.onnx"] = [0] });
        app.Neighbours.Inspect(repository, new ModelFileState("model.onnx", new string('0', 64), 1, "onnx", false, "onnx.not-a-protobuf: it begins with no field", []));
        var path = $"acme/{repository.Name}";
        await app.KnownAsync(path);

        var refusal = await BenchmarkApp.UntilAsync(async () =>
        {
            var answer = await app.Ada.PostAsJsonAsync("/api/v1/runs", new CreateRun(path), ZooJson.Options);
            return (await answer.Content.ReadAsStringAsync()).Contains("inspection-pending", StringComparison.Ordinal) ? null : answer;
        });

        await BenchmarkApp.ShouldBeProblem(refusal, 409, "model.unfit");
        Assert.Contains("onnx.not-a-protobuf", await refusal.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty((await app.Ada.GetFromJsonAsync<Page<RunView>>($"/api/v1/runs?repository={path}", ZooJson.Options))!.Items);
    }

    [Fact]
    public async Task A_model_that_Catalog_has_not_read_yet_waits()
    {
        var repository = app.ARepository(Kits.Digits);
        await app.KnownAsync($"acme/{repository.Name}");

        await BenchmarkApp.ShouldBeProblem(
            await app.Ada.PostAsJsonAsync("/api/v1/runs", new CreateRun($"acme/{repository.Name}"), ZooJson.Options), 409, "model.inspection-pending");
    }

    [Theory]
    [InlineData("""{"threads":-1}""")]
    [InlineData("""{"iterations":0}""")]
    [InlineData("""{"maxSeconds":601}""")]
    [InlineData("""{"provider":"cuda"}""")]
    public async Task Settings_out_of_range_are_refused(string settings)
    {
        using var body = new StringContent($$"""{"repository":"acme/x","settings":{{settings}}}""", null, "application/json");

        await BenchmarkApp.ShouldBeProblem(await app.Ada.PostAsync("/api/v1/runs", body), 400, "run.settings-invalid");
    }

    [Fact]
    public async Task A_model_that_never_ends_is_stopped_and_the_next_run_is_served()
    {
        var path = await app.AHostileModel(Kits.Endless);
        var endless = await app.EndedAsync((await app.QueueAsync(path, new RunSettings(MaxSeconds: 1))).Id);

        Assert.Equal(RunStatus.Failed, endless.Status);
        Assert.StartsWith("Timeout", endless.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Succeeded, Assert.Single(await app.RunsAsync(await app.ADigitsModel())).Status);
    }

    [Fact]
    public async Task A_run_that_somebody_asked_for_does_not_wait_for_an_endless_default_run()
    {
        var endless = await app.AModel(Kits.Endless);
        var theirs = Assert.Single((await app.Ada.GetFromJsonAsync<Page<RunView>>($"/api/v1/runs?repository={endless}", ZooJson.Options))!.Items);
        await BenchmarkApp.UntilAsync(async () =>
            (await app.Ada.GetFromJsonAsync<RunView>($"/api/v1/runs/{theirs.Id}", ZooJson.Options))!.Status == RunStatus.Running ? "running" : null);

        var asked = await app.EndedAsync((await app.QueueAsync(await app.ADigitsModel(), new RunSettings(WarmUp: 0, Iterations: 3))).Id);

        Assert.Equal(RunStatus.Succeeded, asked.Status);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Ada.PostAsync($"/api/v1/runs/{theirs.Id}/cancel", null)).StatusCode);   // it has not ended
    }

    [Fact]
    public async Task A_model_that_asks_for_more_memory_than_a_worker_may_have_is_reported()
    {
        var path = await app.AHostileModel(Kits.Greedy);
        var greedy = await app.EndedAsync((await app.QueueAsync(path, new RunSettings(MaxSeconds: 1))).Id);

        Assert.Equal(RunStatus.Failed, greedy.Status);
        Assert.StartsWith("Out of memory", greedy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_runner_died_is_taken_by_another()
    {
        var path = await app.ADigitsModel();
        var done = Assert.Single(await app.RunsAsync(path));
        var lost = await InsertAsync(done, run => (run.Status, run.LeaseHolder, run.LeaseUntil, run.Attempts) =
            (RunStatus.Running, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow().AddSeconds(-1), 1));

        Assert.Equal(RunStatus.Succeeded, (await app.EndedAsync(lost)).Status);
    }

    [Fact]
    public async Task A_run_whose_runners_all_died_fails_in_the_end()
    {
        var path = await app.ADigitsModel();
        var done = Assert.Single(await app.RunsAsync(path));
        var cursed = await InsertAsync(done, run => (run.Status, run.LeaseHolder, run.LeaseUntil, run.Attempts) =
            (RunStatus.Running, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow().AddSeconds(-1), 3));

        var ended = await app.EndedAsync(cursed);
        Assert.Equal(RunStatus.Failed, ended.Status);
        Assert.Contains("3 times", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runners_never_take_the_same_run()
    {
        var path = await app.ADigitsModel();
        var done = Assert.Single(await app.RunsAsync(path));
        var elsewhere = await ADeviceAsync();   // this service's own runner does not look there
        var queued = new List<Guid>();
        for (var i = 0; i < 8; i++)
        {
            queued.Add(await InsertAsync(done, _ => { }, elsewhere));
        }

        var taken = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            app.InDatabaseAsync(db => db.ClaimAsync(elsewhere, Guid.CreateVersion7(), TimeSpan.FromMinutes(1), CancellationToken.None))));

        Assert.Equal(queued.Order(), taken.OfType<Run>().Select(run => run.Id).Order());
    }

    [Fact]
    public async Task A_late_runner_cannot_overwrite_what_another_measured()
    {
        var path = await app.ADigitsModel();
        var done = Assert.Single(await app.RunsAsync(path));
        var elsewhere = await ADeviceAsync();
        await InsertAsync(done, _ => { }, elsewhere);

        var late = await app.InDatabaseAsync(db => db.ClaimAsync(elsewhere, Guid.CreateVersion7(), TimeSpan.FromSeconds(-1), CancellationToken.None));
        var second = await app.InDatabaseAsync(db => db.ClaimAsync(elsewhere, Guid.CreateVersion7(), TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Equal(late!.Id, second!.Id);
        await app.InDatabaseAsync(async db =>
        {
            await db.FailAsync(late, "I was late", CancellationToken.None);
            await db.SucceedAsync(second, done.Results!, [1, 2, 3], CancellationToken.None);
            await db.SucceedAsync(late, done.Results! with { LoadMs = -1 }, [9], CancellationToken.None);
            return 0;
        });

        var kept = await app.InDatabaseAsync(db => db.Samples.AsNoTracking().SingleAsync(samples => samples.RunId == late.Id));
        Assert.Equal([1, 2, 3], kept.LatenciesNs);
    }

    [Fact]
    public async Task A_running_run_can_be_cancelled_and_its_worker_ends()
    {
        var path = await app.AHostileModel(Kits.Endless);
        var run = await app.QueueAsync(path, new RunSettings(MaxSeconds: 600));
        await BenchmarkApp.UntilAsync(async () =>
            (await app.Ada.GetFromJsonAsync<RunView>($"/api/v1/runs/{run.Id}", ZooJson.Options))!.Status == RunStatus.Running ? "running" : null);

        Assert.Equal(HttpStatusCode.NoContent, (await app.Ada.PostAsync($"/api/v1/runs/{run.Id}/cancel", null)).StatusCode);

        Assert.Equal(RunStatus.Cancelled, (await app.EndedAsync(run.Id)).Status);
        await BenchmarkApp.ShouldBeProblem(await app.Ada.PostAsync($"/api/v1/runs/{run.Id}/cancel", null), 409, "run.ended");
        Assert.Equal(RunStatus.Succeeded, Assert.Single(await app.RunsAsync(await app.ADigitsModel())).Status);
    }

    [Fact]
    public async Task The_device_profile_says_what_measured_and_within_which_limits()
    {
        var page = await app.Anonymous.GetFromJsonAsync<Page<DeviceView>>("/api/v1/devices", ZooJson.Options);

        var device = page!.Items.Single(device => device.Id == app.Get<ThisDevice>().Id);
        Assert.Equal(("1.29.0", Environment.ProcessorCount), (device.OnnxRuntime, device.Cores));
        Assert.Contains("CPUExecutionProvider", device.Providers);
        Assert.Contains(device.Limits, limit => limit.StartsWith("memory 1024 MiB", StringComparison.Ordinal));
        Assert.Contains(device.Limits, limit => limit.Contains("namespaces", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_deleted_repository_left_is_gone()
    {
        var path = await app.ADigitsModel();
        var run = Assert.Single(await app.RunsAsync(path));

        app.Neighbours.Delete(run.RepositoryId);

        await BenchmarkApp.UntilAsync(async () => (await app.Ada.GetAsync($"/api/v1/runs/{run.Id}")).StatusCode == HttpStatusCode.NotFound ? "gone" : null);
        Assert.False(await app.InDatabaseAsync(db => db.Runs.AnyAsync(row => row.RepositoryId == run.RepositoryId)));
    }

    [CorpusFact]
    public async Task A_real_quantised_network_is_measured_on_its_own_test_data()
    {
        var path = await app.AModel(Kits.Read(SharedFolder.File("models/onnx/mobilenetv2_qdq_int8")));
        await app.RunsAsync(path);
        var run = await app.EndedAsync((await app.QueueAsync(path, new RunSettings(WarmUp: 1, Iterations: 10, RelativeTolerance: 0.01, AbsoluteTolerance: 0.1))).Id);

        Assert.True(run.Status == RunStatus.Succeeded, run.Message);
        Assert.Equal(1000, run.Results!.Accuracy!.Elements);
        // Exact where the processor has VNNI; elsewhere the note says why it is not.
        Assert.True(run.Results.Accuracy.Passed || run.Results.Note is not null, run.Results.Accuracy.Message);
    }

    [CorpusFact]
    public async Task Weights_in_a_file_of_their_own_are_found()
    {
        var files = Kits.Read(SharedFolder.File("families/digits/base/onnx-external-data"));
        var path = await app.AModel(files, Visibility.Private, "model.onnx.data");

        Assert.Equal(RunStatus.Succeeded, Assert.Single(await app.RunsAsync(path)).Status);
    }

    private Task<Guid> InsertAsync(RunView like, Action<Run> change, Guid? device = null) => app.InDatabaseAsync(async db =>
    {
        var file = new ModelFileState(like.File, Neighbours.Hash(Kits.Digits["model.onnx"]), 1, "onnx", true, null, []);
        var run = Run.Of(like.RepositoryId, like.Revision, file, new RunSettings(WarmUp: 1, Iterations: 3), false, "test", device ?? like.Device!.Id, TimeProvider.System.GetUtcNow());
        change(run);
        db.Runs.Add(run);
        await db.SaveChangesAsync();
        return run.Id;
    });

    private Task<Guid> ADeviceAsync() => app.InDatabaseAsync(async db =>
    {
        var id = Guid.CreateVersion7();
        db.Devices.Add(new Device
        {
            Id = id, Fingerprint = id.ToString(), Name = "another", Cpu = "another", Cores = 1, MemoryBytes = 1, OperatingSystem = "another",
            OnnxRuntime = "none", Providers = [], Limits = [],
        });
        await db.SaveChangesAsync();
        return id;
    });
}
