using System.Net;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Search;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

public sealed class SearchTests(SearchApp app) : IClassFixture<SearchApp>
{
    [Theory]
    [InlineData("mobilnet int8")]        // a typo
    [InlineData("mobilenetv2")]          // glued
    [InlineData("mobilenet v 2")]        // split
    [InlineData("mobile")]               // a prefix
    [InlineData("MobileNet-V2-INT8")]
    public async Task A_model_is_found_by_what_people_type(string query)
    {
        var name = $"mobilenet-v2-int8";
        var model = await app.AModel(name);
        var answer = await Find(app.Anonymous, $"q={query}&pageSize=100");
        Assert.Contains(answer.Hits, hit => hit.Id == model.Id);
        Assert.StartsWith("mobilenet-v2-int8", answer.Hits[0].Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hit_tells_all_that_a_list_shows_and_marks_what_matched_without_markup()
    {
        var model = await app.AModel($"highlight-{Guid.CreateVersion7():N}", but: m => m with
        {
            Title = "Zebra <b>detector</b> \uE000for\uE001 savannas", Summary = "Finds zebras.", Text = "A zebra is striped. & so on",
            Task = "object-detection", Domain = "cv", Frameworks = ["pytorch"], Formats = ["onnx"], License = "mit", Tags = ["zebra"],
            Parameters = 42, LatencyP50Ms = 1.5,
        });
        var hit = Assert.Single((await Find(app.Anonymous, "q=zebra")).Hits);
        Assert.Equal((model.Id, "object-detection", "cv", "mit", 42L, 1000L, 1.5), (hit.Id, hit.Task, hit.Domain, hit.License, hit.Parameters, hit.SizeBytes, hit.LatencyP50Ms));
        Assert.Equal(Visibility.Public, hit.Visibility);
        Assert.Equal(model.UpdatedAt.ToUnixTimeMilliseconds(), hit.UpdatedAt.ToUnixTimeMilliseconds());
        Assert.Equal([new TextPiece("Zebra", true), new TextPiece(" <b>detector</b> \uFFFDfor\uFFFD savannas", false)], hit.Highlights["title"]);
        Assert.Equal([new TextPiece("zebra", true)], hit.Highlights["tags"]);
        Assert.Contains(new TextPiece("zebra", true), hit.Highlights["text"]);
        Assert.DoesNotContain("name", hit.Highlights.Keys);
    }

    [Fact]
    public async Task Facets_count_all_matches_and_filters_narrow_them()
    {
        var word = Word();
        await app.AModel($"{word}-a", but: m => m with { Task = "image-classification", Formats = ["onnx"], License = "mit", Frameworks = ["pytorch", "keras"] });
        await app.AModel($"{word}-b", but: m => m with { Task = "image-classification", Formats = ["gguf"], License = "mit", Tags = ["it's \"quoted\" \\ here"] });
        await app.AModel($"{word}-c", but: m => m with { Task = "object-detection", Formats = ["onnx"], Domain = "cv" });

        var all = await Find(app.Anonymous, $"q={word}&pageSize=1");
        Assert.Equal(3, all.Total);
        Assert.Single(all.Hits);
        Assert.Equal(new Dictionary<string, long> { ["image-classification"] = 2, ["object-detection"] = 1 }, all.Facets["task"]);
        Assert.Equal(new Dictionary<string, long> { ["onnx"] = 2, ["gguf"] = 1 }, all.Facets["format"]);
        Assert.Equal(new Dictionary<string, long> { ["mit"] = 2 }, all.Facets["license"]);
        Assert.Equal(new Dictionary<string, long> { ["acme"] = 3 }, all.Facets["owner"]);
        Assert.Equal(new Dictionary<string, long> { ["pytorch"] = 1, ["keras"] = 1 }, all.Facets["framework"]);

        Assert.Equal([$"{word}-a"], await Names(word, "task=image-classification&format=onnx"));
        Assert.Equal([$"{word}-a", $"{word}-b", $"{word}-c"], await Names(word, "format=onnx&format=gguf"));
        Assert.Equal([$"{word}-b"], await Names(word, $"tag={Uri.EscapeDataString("it's \"quoted\" \\ here")}"));
        Assert.Equal([$"{word}-c"], await Names(word, "domain=CV"));
        Assert.Empty(await Names(word, "owner=nobody"));
    }

    [Theory]
    [InlineData("x\" OR readers = \"org:1")]
    [InlineData("\\\" OR owner EXISTS OR owner = \\\"")]
    [InlineData("'] OR id EXISTS")]
    [InlineData("a\u0001b\nAND")]
    public async Task A_filter_cannot_be_broken_out_of(string value)
    {
        foreach (var filter in new[] { "task", "domain", "framework", "format", "license", "tag", "owner" })
            Assert.Equal(0, (await Find(app.Anonymous, $"{filter}={Uri.EscapeDataString(value)}")).Total);
    }

    [Fact]
    public async Task Hits_are_sorted_and_paged()
    {
        var word = Word();
        foreach (var (letter, size) in new[] { ("a", 300), ("b", 100), ("c", 200) })
            await app.AModel($"{word}-{letter}", but: m => m with { SizeBytes = size });
        Assert.Equal([$"{word}-b", $"{word}-c", $"{word}-a"], (await Find(app.Anonymous, $"q={word}&sort=size")).Hits.Select(hit => hit.Name));
        Assert.Equal([$"{word}-c", $"{word}-b", $"{word}-a"], (await Find(app.Anonymous, $"q={word}&sort=updated")).Hits.Select(hit => hit.Name));
        var second = await Find(app.Anonymous, $"q={word}&sort=name&page=2&pageSize=2");
        Assert.Equal((3, 2, 2), (second.Total, second.Page, second.PageSize));
        Assert.Equal([$"{word}-c"], second.Hits.Select(hit => hit.Name));
    }

    [Theory]
    [InlineData("sort=readers:asc", "search.sort-unknown")]
    [InlineData("page=0", "search.page-out-of-range")]
    [InlineData("pageSize=101", "search.page-out-of-range")]
    [InlineData("page=2147483647", "search.page-out-of-range")]
    public async Task A_search_refuses_what_it_cannot_mean(string query, string type)
    {
        using var answer = await GetAsync(app.Anonymous, query);
        await ShouldBeProblem(answer, HttpStatusCode.BadRequest, type);
    }

    [Fact]
    public async Task Queries_and_filters_have_a_length()
    {
        using var query = await GetAsync(app.Anonymous, $"q={new string('a', 501)}");
        await ShouldBeProblem(query, HttpStatusCode.BadRequest, "search.query-too-long");
        using var filter = await GetAsync(app.Anonymous, $"task={new string('a', 201)}");
        await ShouldBeProblem(filter, HttpStatusCode.BadRequest, "search.filter-too-long");
    }

    [Fact]
    public async Task A_change_is_found_within_two_seconds()
    {
        var word = Word();
        var model = NewModel($"{word}-model");
        app.Tell(model);
        var first = await Eventually(async () => (await Find(app.Anonymous, $"q={word}")).Total == 1, seconds: 2);
        app.Catalog.Put(model.Id, model with { Title = $"renamed {word}x" });
        var second = await Eventually(async () => (await Find(app.Anonymous, $"q={word}x")).Hits.Any(hit => hit.Title == $"renamed {word}x"), seconds: 2);
        Assert.True(first.TotalSeconds < 2 && second.TotalSeconds < 2);
    }

    private async Task<IEnumerable<string>> Names(string word, string filters) =>
        (await Find(app.Anonymous, $"q={word}&{filters}&sort=name")).Hits.Select(hit => hit.Name);

    // Letters alone, far from each other's typos.
    private static string Word() => string.Concat(Guid.CreateVersion7().ToByteArray()[6..].Select(b => (char)('a' + (b % 26))));
}
