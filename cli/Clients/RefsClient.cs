using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Clients;

/// <summary>Branches, tags and aliases of repositories.</summary>
/// <remarks><c>kind</c> is <c>branches</c>, <c>tags</c> or <c>aliases</c>.</remarks>
internal sealed class RefsClient(ZooHttp http)
{
    public Task<IReadOnlyList<RefView>> ListAsync(RepositoryName repository, string kind, CancellationToken ct) =>
        http.ListAsync<RefView>(Of(repository, kind), ct);

    /// <summary>Null when there is no such alias.</summary>
    public Task<RefView?> FindAliasAsync(RepositoryName repository, string alias, CancellationToken ct) =>
        http.FindAsync<RefView>(Of(repository, "aliases", alias), ct);

    public Task<RefView> SetAsync(RepositoryName repository, string kind, string name, SetRef to, CancellationToken ct) =>
        http.SendJsonAsync<SetRef, RefView>(HttpMethod.Put, Of(repository, kind, name), to, ct);

    public Task DeleteAsync(RepositoryName repository, string kind, string name, CancellationToken ct) => http.DeleteAsync(Of(repository, kind, name), ct);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AliasMoveView>> HistoryAsync(RepositoryName repository, string alias, CancellationToken ct) =>
        http.ListAsync<AliasMoveView>($"{Of(repository, "aliases", alias)}/history", ct);

    private static string Of(RepositoryName repository, string kind, string? name = null) =>
        $"{RepositoriesClient.Of(repository)}/{kind}{(name is null ? "" : "/" + Uri.EscapeDataString(name))}";
}
