using System.Net.Http.Headers;
using System.Text.Json;

namespace ZooPlatform.Measure.Search;

/// <summary>The same index, asked without us: one request to Meilisearch with the question that Search would ask for an anonymous caller.</summary>
internal sealed class Peer : IDisposable
{
    private readonly HttpClient _http;
    private readonly SearchDatabase _database;
    private string _index = "";

    public Peer(SearchDatabase database)
    {
        _database = database;
        _http = new HttpClient { BaseAddress = database.Meilisearch };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", database.Key);
    }

    public async Task PrepareAsync(CancellationToken ct) => _index = await _database.LiveAsync(ct);

    public async Task<IReadOnlyList<Guid>> FindAsync(string text, int size, CancellationToken ct)
    {
        using var answer = await _http.PostAsJsonAsync($"indexes/{_index}/search", new
        {
            q = text,
            filter = new[] { "readers IN [\"public\"]" },
            page = 1,
            hitsPerPage = size,
            matchingStrategy = "last",
            facets = new[] { "task", "domain", "frameworks", "formats", "license", "tags", "owner" },
            attributesToRetrieve = new[]
            {
                "id", "owner", "name", "title", "summary", "task", "domain", "frameworks", "formats", "license", "tags", "parameters", "sizeBytes",
                "latencyP50Ms", "visibility", "updatedAt",
            },
            attributesToHighlight = new[] { "title", "name", "summary", "tags", "text" },
            attributesToCrop = new[] { "text" },
            cropLength = 30,
        }, ct);
        answer.EnsureSuccessStatusCode();
        using var body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(ct), cancellationToken: ct);
        return [.. body.RootElement.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("id").GetGuid())];
    }

    public void Dispose() => _http.Dispose();
}
