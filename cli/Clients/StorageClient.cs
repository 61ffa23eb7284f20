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

    public Task<GarbageReport> SweepAsync(bool dryRun, CancellationToken ct) =>
        http.SendJsonAsync<SweepStorage, GarbageReport>(HttpMethod.Post, $"{Path}/gc", new(dryRun), ct);
}
