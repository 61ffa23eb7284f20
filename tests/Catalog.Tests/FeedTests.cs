using Xunit.Abstractions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Tests.Support;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests;

/// <summary>The catalog as a reader of Artifact's and Benchmark's feeds.</summary>
public sealed class FeedTests(CatalogApp app, ITestOutputHelper output) : IClassFixture<CatalogApp>
{
    private const string Models =
        "select id, owner, name, visibility, readers, description, head, created_at, updated_at, revision, title, stub, task, license, size_bytes from models";

    [Fact]
    public Task A_reader_that_missed_1_000_changes_catches_up_and_applying_them_twice_changes_nothing() => CatchUpAsync(1_000);

    [Fact]
    [Trait("Category", "Long")]
    public Task A_reader_that_missed_10_000_changes_catches_up_and_applying_them_twice_changes_nothing() => CatchUpAsync(10_000);

    private async Task CatchUpAsync(int changes)
    {
        await app.Push(Kit.Name(), Visibility.Public, Kit.Card("license: mit"), Kit.Onnx());
        var replica = new Replica(app.ConnectionString, "artifact", Models, "select model_id, path, sha256, fit from model_files");
        var (time, longest) = await replica.ReachAsync(app.TellMany(changes));
        output.WriteLine($"{changes:N0} changes in {time.TotalSeconds:0.0} s, longest transaction {longest.TotalSeconds:0.00} s");
        Assert.InRange((await replica.TellAsync()).Split("\"visibility\"").Length - 1, changes + 1, 12_000);
        await replica.ShouldBearRepetitionAsync();
    }

    [Fact]
    public async Task Figures_that_are_told_twice_stand_once_and_go_with_a_restored_feed()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, Kit.Onnx());
        var run = new RunSummaryState(model.Id, model.Revision!, "model.onnx", Guid.CreateVersion7(), 1.5, 600, 1 << 20, true, "a machine", TimeProvider.System.GetUtcNow());
        app.Benchmark.Put(model.Id, run);
        var replica = new Replica(app.ConnectionString, "benchmark", "select * from run_summaries");
        await Eventually(async () => (await replica.TellAsync()).Contains(run.RunId.ToString(), StringComparison.Ordinal) ? "told" : null);
        await replica.ShouldBearRepetitionAsync();
        app.Benchmark.Replace();
        await Eventually(async () => (await replica.TellAsync()).Contains(run.RunId.ToString(), StringComparison.Ordinal) ? null : "gone");
    }
}
