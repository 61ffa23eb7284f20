using System.Net;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Search;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Web.Api;

/// <summary>The public API, asked for whoever looks at the page.</summary>
/// <remarks>A null answer means: there is nothing that this caller can see.</remarks>
internal sealed class ZooApi(IHttpClientFactory clients)
{
    /// <exception cref="HttpRequestException">Search is out of reach.</exception>
    public Task<SearchAnswer?> SearchAsync(string query, CancellationToken ct) => GetAsync<SearchAnswer>("search", $"/api/v1/search{query}", ct);

    public Task<ModelView?> ModelAsync(string owner, string name, CancellationToken ct) =>
        GetAsync<ModelView>("catalog", $"/api/v1/models/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(name)}", ct);

    /// <summary>The model's newest runs.</summary>
    public async Task<IReadOnlyList<RunView>> RunsAsync(string owner, string name, CancellationToken ct) =>
        (await GetAsync<Page<RunView>>("benchmark", $"/api/v1/runs?repository={Uri.EscapeDataString($"{owner}/{name}")}&limit=10", ct))?.Items ?? [];

    private async Task<T?> GetAsync<T>(string service, string path, CancellationToken ct) where T : class
    {
        using var client = clients.CreateClient(ServiceClients.ForCaller(service));
        using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest) return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<T>(ZooJson.Options, ct);
    }
}
