namespace ZooPlatform.Identity.OAuth;

/// <summary>That a user let a client act for them; what it issued dies with it.</summary>
internal sealed class Grant
{
    /// <summary>A refresh token unused for this long is dead.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromDays(14);

    /// <summary>The user signs in again after this long: 30 days, or 90 with a client that keeps a secret.</summary>
    public static TimeSpan LifeWith(OAuthClient client) => TimeSpan.FromDays(client.Confidential ? 90 : 30);

    public required Guid Id { get; init; }
    public required string ClientId { get; init; }
    public required Guid UserId { get; init; }
    public required string[] Scopes { get; init; }
    public string? Nonce { get; init; }
    public required DateTimeOffset SignedInAt { get; init; }

    /// <summary>The browser session it was granted in: <c>sid</c> of its ID tokens.</summary>
    public Guid? SessionId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Protected by Data Protection; the refresh token in force is HMAC(this, <see cref="RefreshCounter"/>).</summary>
    public required string RefreshKey { get; init; }
    public int RefreshCounter { get; set; }
    public required DateTimeOffset RefreshedAt { get; set; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>When the refresh token in force dies.</summary>
    public DateTimeOffset RefreshEndsAt => RefreshedAt + Idle < ExpiresAt ? RefreshedAt + Idle : ExpiresAt;
}

/// <summary>What a user granted, and when and in which session they had signed in.</summary>
internal sealed record Granted(string[] Scopes, string? Nonce, DateTimeOffset SignedInAt, Guid? SessionId);

/// <summary>What the browser carries back to the client: good once, for a minute.</summary>
internal sealed class AuthorizationCode
{
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    public required byte[] Hash { get; init; }
    public required string ClientId { get; init; }
    public required Guid UserId { get; init; }
    public required string RedirectUri { get; init; }

    /// <summary>PKCE: the SHA-256 of the client's verifier, base64url.</summary>
    public required string Challenge { get; init; }
    public required string[] Scopes { get; init; }
    public string? Nonce { get; init; }
    public required DateTimeOffset SignedInAt { get; init; }
    public Guid? SessionId { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>What it was redeemed for.</summary>
    public Guid? GrantId { get; set; }
}

/// <summary>What a client sends with its requests.</summary>
internal sealed class AccessToken
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    public required byte[] Hash { get; init; }

    /// <summary>The user's grant it belongs to; null: its client acts for itself.</summary>
    public Guid? GrantId { get; init; }

    /// <summary>The client that acts for itself; null: a user granted it.</summary>
    public string? ClientId { get; init; }
    public required string[] Scopes { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Every refresh token a grant ever had, so that a used one is known when it comes again.</summary>
internal sealed class RefreshToken
{
    public required byte[] Hash { get; init; }
    public required Guid GrantId { get; init; }
    public required int Counter { get; init; }
}
