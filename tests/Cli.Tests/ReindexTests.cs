using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Cli.Tests;

public sealed class ReindexTests
{
    private static readonly DateTimeOffset Then = new(2026, 11, 21, 12, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_rebuild_is_asked_for_shown_and_waited_for()
    {
        var views = new Queue<IndexView>(
        [
            new(IndexStatus.Building, true, "asked", 1000, 2500, Then, Then), new(IndexStatus.Ready, true, null, 2500, 2500, null, Then),
        ]);
        await using var zoo = await TestZoo.StartAsync(app =>
        {
            app.MapPost("/api/v1/search/reindex", () => Results.Accepted(null, new IndexView(IndexStatus.Waiting, true, "asked", 0, 0, null, Then)));
            app.MapGet("/api/v1/search/reindex", () => views.Count > 1 ? views.Dequeue() : views.Peek());
        });
        using var terminal = new Terminal(zoo.Url);

        Assert.Equal("the search index is whole; it was built 2026-11-21 12:30\n", await terminal.DoAsync("reindex"));
        Assert.StartsWith("waiting to begin", terminal.Error.ToString(), StringComparison.Ordinal);
        await terminal.DoAsync("reindex", "--status", "--json");
        Assert.Equal("ready", terminal.Json.GetProperty("status").GetString());
        Assert.Single(zoo.Requests, "POST /api/v1/search/reindex");
    }
}
