using System.Net;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Search;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.Web.Pages;

namespace ZooPlatform.Web.Api;

/// <summary>The public API, asked for whoever looks at the page.</summary>
/// <remarks>A null answer means: there is nothing that this caller can see. Each may throw <see cref="HttpRequestException"/>:
/// the service is out of reach, or did not answer in time.</remarks>
internal sealed class ZooApi(IHttpClientFactory clients)
{
    /// <summary>Nobody waits longer for a page.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <param name="query">With its question mark, or empty; null is answered when Search refuses it.</param>
    public Task<SearchAnswer?> SearchAsync(QueryString query, CancellationToken ct) => GetAsync<SearchAnswer>("search", $"/api/v1/search{query}", ct);

    public Task<ModelView?> ModelAsync(string owner, string name, CancellationToken ct) =>
        GetAsync<ModelView>("catalog", $"/api/v1/models/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(name)}", ct);

    /// <summary>The model's newest runs.</summary>
    public async Task<IReadOnlyList<RunView>> RunsAsync(string owner, string name, CancellationToken ct) =>
        (await GetAsync<Page<RunView>>("benchmark", $"/api/v1/runs?repository={Uri.EscapeDataString($"{owner}/{name}")}&limit=10", ct))?.Items ?? [];

    /// <summary>All that a model is related to.</summary>
    public Task<FamilyView?> FamilyAsync(string owner, string name, CancellationToken ct) =>
        GetAsync<FamilyView>("catalog", $"/api/v1/lineage/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(name)}", ct);

    /// <summary>The model that most others were made from; null when none was.</summary>
    public async Task<BaseView?> LargestBaseAsync(CancellationToken ct) =>
        (await GetAsync<Page<BaseView>>("catalog", "/api/v1/lineage?limit=1", ct))?.Items.FirstOrDefault();

    /// <summary>A file of the revision that is shown, cut after <paramref name="maxBytes"/>.</summary>
    public Task<byte[]?> FileAsync(ModelView model, string path, int maxBytes, CancellationToken ct) =>
        AskAsync("artifact", ModelAddresses.File(model, model.Revision!, path), async (content, ct) =>
        {
            await using var body = await content.ReadAsStreamAsync(ct);
            var bytes = new byte[maxBytes];
            return bytes[..await body.ReadAtLeastAsync(bytes, maxBytes, throwOnEndOfStream: false, ct)];
        }, ct);

    private Task<T?> GetAsync<T>(string service, string path, CancellationToken ct) where T : class =>
        AskAsync(service, path, (content, ct) => content.ReadFromJsonAsync<T>(ZooJson.Options, ct), ct);

    private async Task<T?> AskAsync<T>(string service, string path, Func<HttpContent, CancellationToken, Task<T?>> read, CancellationToken ct) where T : class
    {
        using var client = clients.CreateClient(ServiceClients.ForCaller(service));
        client.Timeout = s_patience;
        try
        {
            using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest) return null;
            answer.EnsureSuccessStatusCode();
            return await read(answer.Content, ct);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new HttpRequestException($"{service} did not answer within {s_patience.TotalSeconds} s.", e);
        }
    }
}
