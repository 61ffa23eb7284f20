using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Cli.Clients;

internal sealed class SearchClient(ZooHttp http)
{
    public Task<SearchAnswer> FindAsync(string query, IEnumerable<(string Name, string? Value)> filters, CancellationToken ct) =>
        http.GetAsync<SearchAnswer>("/api/v1/search" + ZooHttp.Query([("q", query), .. filters]), ct);
}
