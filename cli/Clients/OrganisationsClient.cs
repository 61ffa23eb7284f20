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

    public Task<InvitationView> InviteAsync(string organisation, string email, Role role, CancellationToken ct) =>
        http.SendJsonAsync<CreateInvitation, InvitationView>(
            HttpMethod.Post, $"{Path}/{Uri.EscapeDataString(organisation)}/invitations", new(email, role), ct);
}
