using Xunit.Abstractions;
using ZooPlatform.Tests.Support;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

/// <summary>The search as a reader of Artifact's and Catalog's feeds.</summary>
public sealed class FeedTests(SearchApp app, ITestOutputHelper output) : IClassFixture<SearchApp>
{
    private const string Entries = "select id, owner, name, visibility, readers, state::text from entries";

    [Fact]
    public Task A_reader_that_missed_1_000_changes_catches_up_and_applying_them_twice_changes_nothing() => CatchUpAsync(1_000);

    [Fact]
    [Trait("Category", "Long")]
    public Task A_reader_that_missed_10_000_changes_catches_up_and_applying_them_twice_changes_nothing() => CatchUpAsync(10_000);

    private async Task CatchUpAsync(int changes)
    {
        for (var i = 0; i < changes; i++) app.Tell(NewModel($"many-{i}"));
        Assert.Equal(app.Artifact.Sequence, app.Catalog.Sequence);
        foreach (var source in new[] { "artifact", "catalog" })
        {
            var (time, longest) = await new Replica(app.ConnectionString, source).ReachAsync(app.Artifact.Sequence);
            output.WriteLine($"{source}: {changes:N0} changes in {time.TotalSeconds:0.0} s, longest transaction {longest.TotalSeconds:0.00} s");
        }
        foreach (var source in new[] { "artifact", "catalog" }) await new Replica(app.ConnectionString, source, Entries).ShouldBearRepetitionAsync();
        await Eventually(async () =>
        {
            using var answer = await GetAsync(app.Member, "q=");
            return answer.IsSuccessStatusCode && (await Read(answer)).Total >= changes;
        }, seconds: 120);
    }
}
