using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Clients;

internal sealed class StorageClient(ZooHttp http)
{
    private const string Path = "/api/v1/storage";

    public Task<StorageView> OfAsync(RepositoryName repository, CancellationToken ct) =>
        http.GetAsync<StorageView>($"{RepositoriesClient.Of(repository)}/storage", ct);

    public Task<OwnerStorageView> OfAsync(string owner, CancellationToken ct) => http.GetAsync<OwnerStorageView>($"{Path}/{Uri.EscapeDataString(owner)}", ct);

    public Task<QuotaView> SetQuotaAsync(string owner, long? limitBytes, CancellationToken ct) =>
        http.SendJsonAsync<SetQuota, QuotaView>(HttpMethod.Put, $"{Path}/{Uri.EscapeDataString(owner)}/quota", new(limitBytes), ct);

    /// <summary>Begins a sweep; when one runs already, it is that one.</summary>
    public Task<SweepView> SweepAsync(bool dryRun, CancellationToken ct) =>
        http.SendJsonAsync<SweepStorage, SweepView>(HttpMethod.Post, $"{Path}/gc", new(dryRun), ct);

    public Task<SweepView> SweepAsync(Guid id, CancellationToken ct) => http.GetAsync<SweepView>($"{Path}/gc/{id}", ct);
}
