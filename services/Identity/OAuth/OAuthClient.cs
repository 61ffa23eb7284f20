using ZooPlatform.Contracts;

namespace ZooPlatform.Identity.OAuth;

/// <summary>An application that people may sign in with. All are public clients: they have no secret and prove themselves by PKCE.</summary>
internal sealed class OAuthClient
{
    public const string Cli = "zoo-cli";

    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Compared byte for byte, but the port of a loopback address; see <see cref="RedirectUri"/>.</summary>
    public required string[] RedirectUris { get; init; }
    public required string[] Scopes { get; init; }

    /// <summary>Part of the platform: nobody is asked for consent.</summary>
    public required bool FirstParty { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The command line: any free port of the machine it runs on (RFC 8252, section 7.3).</summary>
    public static OAuthClient CommandLine(DateTimeOffset now) => new()
    {
        Id = Cli, Name = "zoo on the command line", RedirectUris = ["http://127.0.0.1/callback", "http://[::1]/callback"],
        Scopes = [.. OAuthScopes.All], FirstParty = true, CreatedAt = now,
    };
}

/// <summary>Scopes a client can ask for: the platform's, and OpenID Connect's.</summary>
internal static class OAuthScopes
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";

    public static IReadOnlyList<string> All { get; } = [OpenId, Profile, Email, .. Scopes.OfUsers];
}
