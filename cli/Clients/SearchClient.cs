using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Cli.Clients;

internal sealed class SearchClient(ZooHttp http)
{
    public Task<SearchAnswer> FindAsync(string query, IEnumerable<(string Name, string? Value)> filters, CancellationToken ct) =>
        http.GetAsync<SearchAnswer>("/api/v1/search" + ZooHttp.Query([("q", query), .. filters]), ct);

    /// <summary>How the search index stands.</summary>
    public Task<IndexView> IndexAsync(CancellationToken ct) => http.GetAsync<IndexView>("/api/v1/search/reindex", ct);

    /// <summary>Has the index built again; returns when that is asked for, not when it is done.</summary>
    public Task<IndexView> ReindexAsync(CancellationToken ct) =>
        http.SendJsonAsync<object?, IndexView>(HttpMethod.Post, "/api/v1/search/reindex", null, ct);
}
