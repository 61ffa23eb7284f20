using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Cli.Clients;

internal sealed class ModelsClient(ZooHttp http)
{
    public Task<ModelView> GetAsync(RepositoryName name, CancellationToken ct) =>
        http.GetAsync<ModelView>($"/api/v1/models/{ZooHttp.Escape(name)}", ct);

    public Task<ModelView?> FindAsync(RepositoryName name, CancellationToken ct) =>
        http.FindAsync<ModelView>($"/api/v1/models/{ZooHttp.Escape(name)}", ct);
}
