using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>Benchmark as a reader of Artifact's and Catalog's feeds.</summary>
[Collection(OneBenchmark.Name)]
public sealed class FeedTests(BenchmarkApp app)
{
    private const string Repositories = "select * from repositories";
    private const string Runs = "select id, repository_id, revision, file, is_default from runs";

    [Fact]
    public async Task Told_many_times_at_once_twice_or_by_a_restored_feed_the_replicas_hold_what_the_owners_hold()
    {
        // Of its own: while its replica is behind, others would see nothing that is not public.
        var app = new BenchmarkApp();
        await app.InitializeAsync();
        var path = await app.ADigitsModel();
        await app.RunsAsync(path);
        for (var i = 0; i < 2_000; i++) app.ARepository(new());
        var last = app.ARepository(new());
        await app.KnownAsync($"acme/{last.Name}");
        var artifact = new Replica(app.ConnectionString, "artifact", Repositories, Runs);
        await artifact.ShouldBearRepetitionAsync();
        await new Replica(app.ConnectionString, "catalog", "select * from models", Runs).ShouldBearRepetitionAsync();

        app.Neighbours.RestoreArtifact();
        var kept = app.ARepository(new());
        await BenchmarkApp.UntilAsync(async () => await artifact.TellAsync() is var told && told.Contains(kept.Name, StringComparison.Ordinal)
            && !told.Contains(path.Split('/')[1], StringComparison.Ordinal) ? told : null);
        await app.DisposeAsync();
    }

    [Theory]
    [InlineData(Role.Reader, HttpStatusCode.Forbidden)]
    [InlineData(Role.Contributor, HttpStatusCode.Created)]
    [InlineData(Role.Maintainer, HttpStatusCode.Created)]
    public async Task Who_was_granted_contributor_in_one_repository_may_measure_it(Role role, HttpStatusCode expected)
    {
        var ben = Guid.CreateVersion7();
        var path = await app.AModelOfOthersToo(Kits.Digits, new GrantState(ben, role));
        using var asked = await app.As(ben).PostAsJsonAsync("/api/v1/runs", new CreateRun(path, Settings: new RunSettings(Iterations: 1)), ZooJson.Options);
        Assert.Equal(expected, asked.StatusCode);
    }

    [Fact]
    public async Task A_run_whose_worker_is_killed_is_begun_again()
    {
        var path = await app.ADigitsModel();
        await app.RunsAsync(path);
        var serving = BenchmarkApp.Workers().ToHashSet();
        var run = await app.QueueAsync(path, new RunSettings(Iterations: 100_000, MaxSeconds: 4));
        var worker = await BenchmarkApp.UntilAsync(() => Task.FromResult(BenchmarkApp.Workers().Except(serving).Select(id => $"{id}").FirstOrDefault()));
        Processes.Signal(int.Parse(worker), Processes.Kill);
        var ended = await app.EndedAsync(run.Id);
        Assert.Equal((RunStatus.Succeeded, null), (ended.Status, ended.Message));
        Assert.Equal(2, await app.InDatabaseAsync(async db => (await db.Runs.FindAsync(run.Id))!.Attempts));
    }
}
