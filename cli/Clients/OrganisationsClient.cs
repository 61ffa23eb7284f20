using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Clients;

internal sealed class OrganisationsClient(ZooHttp http)
{
    private const string Path = "/api/v1/organisations";

    public Task<OrganisationView?> FindAsync(string name, CancellationToken ct) =>
        http.FindAsync<OrganisationView>($"{Path}/{Uri.EscapeDataString(name)}", ct);

    public Task<IReadOnlyList<OrganisationView>> ListAsync(CancellationToken ct) => http.ListAsync<OrganisationView>(Path, ct);

    public Task<OrganisationView> CreateAsync(string name, string? displayName, CancellationToken ct) =>
        http.SendJsonAsync<CreateOrganisation, OrganisationView>(HttpMethod.Post, Path, new(name, displayName), ct);

    public Task DeleteAsync(string name, CancellationToken ct) => http.DeleteAsync($"{Path}/{Uri.EscapeDataString(name)}", ct);

    public Task<ServiceAccountView> CreateServiceAccountAsync(string organisation, CreateServiceAccount account, CancellationToken ct) =>
        http.SendJsonAsync<CreateServiceAccount, ServiceAccountView>(HttpMethod.Post, AccountsOf(organisation), account, ct);

    public Task<IReadOnlyList<ServiceAccountView>> ListServiceAccountsAsync(string organisation, CancellationToken ct) =>
        http.ListAsync<ServiceAccountView>(AccountsOf(organisation), ct);

    public Task DeleteServiceAccountAsync(string organisation, string account, CancellationToken ct) =>
        http.DeleteAsync($"{AccountsOf(organisation)}/{Uri.EscapeDataString(account)}", ct);

    public Task<TokenView> CreateServiceAccountTokenAsync(string organisation, string account, CreateToken token, CancellationToken ct) =>
        http.SendJsonAsync<CreateToken, TokenView>(HttpMethod.Post, $"{AccountsOf(organisation)}/{Uri.EscapeDataString(account)}/tokens", token, ct);

    public async Task<ClientSecretView> CreateServiceAccountSecretAsync(string organisation, string account, CancellationToken ct)
    {
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{AccountsOf(organisation)}/{Uri.EscapeDataString(account)}/secrets"), ct);
        return await ZooHttp.ReadAsync<ClientSecretView>(answer, ct);
    }

    private static string AccountsOf(string organisation) => $"{Path}/{Uri.EscapeDataString(organisation)}/service-accounts";

    public Task<InvitationView> InviteAsync(string organisation, string email, Role role, CancellationToken ct) =>
        http.SendJsonAsync<CreateInvitation, InvitationView>(
            HttpMethod.Post, $"{Path}/{Uri.EscapeDataString(organisation)}/invitations", new(email, role), ct);
}
