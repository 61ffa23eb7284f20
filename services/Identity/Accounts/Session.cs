namespace ZooPlatform.Identity.Accounts;

/// <summary>One browser that signed in. The cookie holds a random secret; we keep its SHA-256.</summary>
internal sealed class Session
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public required byte[] Hash { get; init; }
    public required DateTimeOffset SignedInAt { get; init; }

    /// <summary>How (RFC 8176): <c>pwd</c>, or <c>otp</c> by a link that works once.</summary>
    public required string Method { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>A link that signs its holder in once; made for the first administrator at start.</summary>
internal sealed class OneTimeLink
{
    public required byte[] Hash { get; init; }
    public required Guid UserId { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
}
