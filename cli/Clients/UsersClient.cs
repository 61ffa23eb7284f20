using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Clients;

internal sealed class UsersClient(ZooHttp http)
{
    private const string Path = "/api/v1/users";

    public Task<MeView> MeAsync(CancellationToken ct) => http.GetAsync<MeView>($"{Path}/me", ct);

    public Task<IReadOnlyList<UserAccountView>> ListAsync(CancellationToken ct) => http.ListAsync<UserAccountView>(Path, ct);

    public Task<UserAccountView> UpdateAsync(string name, UpdateUser change, CancellationToken ct) =>
        http.SendJsonAsync<UpdateUser, UserAccountView>(HttpMethod.Patch, $"{Path}/{Uri.EscapeDataString(name)}", change, ct);
}
