using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Clients;

internal sealed class UsersClient(ZooHttp http)
{
    public Task<MeView> MeAsync(CancellationToken ct) => http.GetAsync<MeView>("/api/v1/users/me", ct);
}
