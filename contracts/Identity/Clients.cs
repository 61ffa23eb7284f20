namespace ZooPlatform.Contracts.Identity;

/// <summary>An application that people may sign in with; it has no secret and uses PKCE.</summary>
/// <param name="RedirectUris">https, or http on 127.0.0.1 or [::1], where the port may differ. Compared byte for byte otherwise.</param>
public sealed record CreateClient(string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes);

/// <param name="FirstParty">Part of the platform: nobody is asked for consent.</param>
public sealed record ClientView(
    string Id, string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes, bool FirstParty, DateTimeOffset CreatedAt);
