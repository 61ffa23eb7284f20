using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Clients;

internal sealed class TokensClient(ZooHttp http)
{
    private const string Path = "/api/v1/tokens";

    public Task<IReadOnlyList<TokenView>> ListAsync(CancellationToken ct) => http.ListAsync<TokenView>(Path, ct);

    public Task<TokenView> CreateAsync(CreateToken token, CancellationToken ct) =>
        http.SendJsonAsync<CreateToken, TokenView>(HttpMethod.Post, Path, token, ct);

    public Task RevokeAsync(Guid id, CancellationToken ct) => http.DeleteAsync($"{Path}/{id}", ct);
}
