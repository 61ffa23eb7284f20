using ZooPlatform.Contracts;
using ZooPlatform.Identity.Organisations;

namespace ZooPlatform.Identity.OAuth;

/// <summary>An application that people may sign in with, or a service account, which acts for itself.</summary>
internal sealed class OAuthClient
{
    public const string Cli = "zoo-cli";

    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Compared byte for byte, but the port of a loopback address; see <see cref="RedirectUri"/>.</summary>
    public required string[] RedirectUris { get; init; }
    public required string[] Scopes { get; init; }

    /// <summary>Part of the platform: nobody is asked for consent.</summary>
    public bool FirstParty { get; init; }

    /// <summary>It keeps a secret and proves itself with it. A public client (an application on somebody's machine or in their browser)
    /// cannot keep one; PKCE protects it.</summary>
    public bool Confidential { get; init; }

    /// <summary>May people sign in with it on a device that has no browser? Off unless an administrator says so.</summary>
    public bool DeviceFlow { get; init; }

    /// <summary>Where it may want the browser after a sign-out; compared byte for byte.</summary>
    public string[] PostLogoutRedirectUris { get; init; } = [];

    /// <summary>Whose pages may call the token endpoint and its neighbours.</summary>
    public string[] Origins { get; init; } = [];

    /// <summary>Whose client this is; null: an application that people sign in with.</summary>
    public Guid? ServiceAccountId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The client that a service account is: client credentials and nothing else.</summary>
    public static OAuthClient Of(ServiceAccount account, string organisation) => new()
    {
        Id = account.Id.ToString(), Name = $"{organisation}/{account.Name}", RedirectUris = [], Scopes = [.. ServiceAccount.Scopes],
        Confidential = true, ServiceAccountId = account.Id, CreatedAt = account.CreatedAt,
    };

    /// <summary>The command line: any free port of the machine it runs on (RFC 8252, section 7.3).</summary>
    public static OAuthClient CommandLine(DateTimeOffset now) => new()
    {
        Id = Cli, Name = "zoo on the command line", RedirectUris = ["http://127.0.0.1/callback", "http://[::1]/callback"],
        Scopes = [.. OAuthScopes.All], FirstParty = true, DeviceFlow = true, CreatedAt = now,
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
