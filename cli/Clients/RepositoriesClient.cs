using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Clients;

internal sealed class RepositoriesClient(ZooHttp http)
{
    private const string Path = "/api/v1/repositories";

    public Task<RepositoryView> GetAsync(RepositoryName name, CancellationToken ct) => http.GetAsync<RepositoryView>(Of(name), ct);

    public Task<RepositoryView?> FindAsync(RepositoryName name, CancellationToken ct) => http.FindAsync<RepositoryView>(Of(name), ct);

    public Task<IReadOnlyList<RepositoryView>> ListAsync(string? owner, CancellationToken ct) =>
        http.ListAsync<RepositoryView>(Path + ZooHttp.Query(("owner", owner)), ct);

    public Task<RepositoryView> CreateAsync(RepositoryName name, Visibility visibility, string? description, CancellationToken ct) =>
        http.SendJsonAsync<CreateRepository, RepositoryView>(
            HttpMethod.Post, Path, new(name.Owner, name.Name, visibility, description), ct);

    public Task<RepositoryView> UpdateAsync(RepositoryName name, UpdateRepository changes, CancellationToken ct) =>
        http.SendJsonAsync<UpdateRepository, RepositoryView>(HttpMethod.Patch, Of(name), changes, ct);

    public Task<RepositoryView> MoveAsync(RepositoryName name, RepositoryName to, CancellationToken ct) =>
        http.SendJsonAsync<MoveTo, RepositoryView>(HttpMethod.Post, $"{Of(name)}/move", new(to.Owner, to.Name), ct);

    public Task DeleteAsync(RepositoryName name, CancellationToken ct) => http.DeleteAsync(Of(name), ct);

    public static string Of(RepositoryName name) => $"{Path}/{ZooHttp.Escape(name)}";
}
