namespace ZooPlatform.Contracts.Identity;

/// <summary>An application that people may sign in with, always with PKCE.</summary>
/// <param name="RedirectUris">https, or http on 127.0.0.1 or [::1], where the port may differ. Compared byte for byte otherwise.</param>
/// <param name="Confidential">It can keep a secret: POST /api/v1/clients/{id}/secrets makes one.</param>
/// <param name="DeviceFlow">People may sign in with it by a code that a device shows.</param>
/// <param name="PostLogoutRedirectUris">Where it may want the browser after a sign-out; by the rules of redirect URIs.</param>
/// <param name="Origins">Whose pages may call the token endpoint from a browser: <c>https://app.example.org</c>.</param>
public sealed record CreateClient(
    string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes, bool Confidential = false, bool DeviceFlow = false,
    IReadOnlyList<string>? PostLogoutRedirectUris = null, IReadOnlyList<string>? Origins = null);

/// <param name="FirstParty">Part of the platform: nobody is asked for consent.</param>
public sealed record ClientView(
    string Id, string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes, bool FirstParty, DateTimeOffset CreatedAt,
    bool Confidential = false, bool DeviceFlow = false, IReadOnlyList<string>? PostLogoutRedirectUris = null, IReadOnlyList<string>? Origins = null);

/// <summary>That an application acts for the caller; it ends with DELETE, with a new password, or by itself.</summary>
/// <param name="FirstParty">Part of the platform, as the command line is.</param>
public sealed record GrantedView(
    Guid Id, string ClientId, string ClientName, bool FirstParty, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt);
