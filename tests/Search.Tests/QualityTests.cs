using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Tests.Support;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

/// <summary>Real documents, and queries made from their titles: what is looked for must come first. Measured in full by
/// <c>./zoo measure search</c>; here a little less is asked than was measured.</summary>
public sealed class QualityTests(SearchApp app) : IClassFixture<SearchApp>
{
    [CorpusFact]
    public async Task What_is_looked_for_comes_first_and_ordinary_queries_keep_their_hits()
    {
        await app.SomeModels([.. Lines("documents.jsonl").Select(Model)], seconds: 120);
        await Eventually(async () => (await Find(app.Member, "q=resest")).Hits[0].Title == "ResNeSt");   // the names are there too

        var rankings = Lines("rankings.jsonl").ToList();
        foreach (var (kind, aim) in new[] { ("own-title", 0.99), ("own-title-typo", 0.94), ("own-title-prefix", 0.79) })
        {
            var ranks = new List<double>();
            foreach (var line in rankings.Where(line => line.GetProperty("kind").GetString() == kind))
            {
                var hits = (await Find(app.Member, $"q={Uri.EscapeDataString(line.GetProperty("q").GetString()!)}")).Hits;
                var place = hits.ToList().FindIndex(hit => hit.Title == line.GetProperty("wanted").GetString());
                ranks.Add(place < 0 ? 0 : 1.0 / (place + 1));
            }
            Assert.True(ranks.Average() >= aim, $"{kind}: {ranks.Average():0.000} of {ranks.Count} queries");
        }
        foreach (var kind in new[] { "words", "several", "chinese" })
        {
            var kept = new List<double>();
            foreach (var line in rankings.Where(line => line.GetProperty("kind").GetString() == kind))
                kept.Add(await KeptAsync(line.GetProperty("q").GetString()!));
            Assert.True(kept.Average() >= 0.89, $"{kind}: {kept.Average():0.00} of the first ten kept");
        }
    }

    /// <summary>How much of what the index alone puts among the first ten is still there; the index is asked as the service asks it.</summary>
    private async Task<double> KeptAsync(string query)
    {
        var index = app.Meilisearch.Client.Index(Assert.Single(await app.IndexesAsync()));
        var plain = await index.SearchAsync<Named>(query, new Meilisearch.SearchQuery { Page = 1, HitsPerPage = 10, MatchingStrategy = "last" });
        var ours = (await Find(app.Member, $"q={Uri.EscapeDataString(query)}&pageSize=10")).Hits.Select(hit => hit.Id).ToHashSet();
        return plain.Hits.Count == 0 ? 1 : plain.Hits.Count(hit => ours.Contains(hit.Id)) / (double)plain.Hits.Count;
    }

    private static ModelState Model(JsonElement document)
    {
        var visibility = document.GetProperty("readers")[0].GetString() == "public" ? Visibility.Public : Visibility.Private;
        string? Text(string field) => document.GetProperty(field).GetString() is { Length: > 0 } text ? text : null;
        string[] All(string field) => [.. document.GetProperty(field).EnumerateArray().Select(item => item.GetString()!)];
        return NewModel(Text("name")!, visibility) with
        {
            Owner = Text("owner")!, Title = Text("title")!, Summary = Text("summary"), Text = Text("text"), Task = All("tasks").FirstOrDefault(),
            Domain = Text("domain"), Frameworks = Text("framework") is { } framework ? [framework.ToLowerInvariant()] : [], Formats = All("formats"), License = Text("licence"), Tags = All("tags"),
        };
    }

    private static IEnumerable<JsonElement> Lines(string file) =>
        File.ReadLines(SharedFolder.File($"search/{file}")).Select(line => JsonDocument.Parse(line).RootElement);

    private sealed record Named(Guid Id);
}
