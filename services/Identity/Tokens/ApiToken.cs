namespace ZooPlatform.Identity.Tokens;

/// <summary>A token that lives until it expires or is revoked: a person's own, or one that an owner made for a service account.
/// The token is shown once; we keep its SHA-256.</summary>
internal sealed class ApiToken
{
    public static readonly TimeSpan DefaultLife = TimeSpan.FromDays(90);
    public const int MaxDays = 365;

    public required Guid Id { get; init; }

    /// <summary>Null: it is a service account's.</summary>
    public Guid? UserId { get; init; }
    public Guid? ServiceAccountId { get; init; }
    public required string Name { get; init; }

    /// <summary>The token's last four characters.</summary>
    public required string Hint { get; init; }
    public required byte[] Hash { get; init; }
    public required string[] Scopes { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Exact to five minutes, so that use costs one write in five minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>A new row, and the token it belongs to.</summary>
    public static (ApiToken Row, string Token) Create(TokenHolder holder, string name, IEnumerable<string> scopes, DateTimeOffset now, TimeSpan life)
    {
        var token = OpaqueToken.Create(holder.UserId is null ? OpaqueToken.ServiceAccount : OpaqueToken.Personal);
        var row = new ApiToken
        {
            Id = Guid.CreateVersion7(now), UserId = holder.UserId, ServiceAccountId = holder.ServiceAccountId, Name = name, Hint = token[^4..],
            Hash = OpaqueToken.HashOf(token), Scopes = [.. scopes], CreatedAt = now, ExpiresAt = now + life,
        };
        return (row, token);
    }
}

/// <summary>Whose tokens are meant: a person's or a service account's.</summary>
internal sealed record TokenHolder
{
    public Guid? UserId { get; private init; }
    public Guid? ServiceAccountId { get; private init; }

    public static TokenHolder User(Guid id) => new() { UserId = id };
    public static TokenHolder Account(Guid id) => new() { ServiceAccountId = id };
}

internal static class ApiTokenQueries
{
    /// <summary>Neither revoked nor expired.</summary>
    public static IQueryable<ApiToken> InForce(this IQueryable<ApiToken> tokens, DateTimeOffset now) =>
        tokens.Where(t => t.RevokedAt == null && t.ExpiresAt > now);

    public static IQueryable<ApiToken> Of(this IQueryable<ApiToken> tokens, TokenHolder holder) => holder.UserId is { } user
        ? tokens.Where(t => t.UserId == user)
        : tokens.Where(t => t.ServiceAccountId == holder.ServiceAccountId);
}
