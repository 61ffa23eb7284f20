namespace ZooPlatform.Identity.Tokens;

/// <summary>A token that a person made for themself. The token is shown once; we keep its SHA-256.</summary>
internal sealed class PersonalToken
{
    public static readonly TimeSpan DefaultLife = TimeSpan.FromDays(90);
    public const int MaxDays = 365;
    public const int MaxNameChars = 100;

    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
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
    public static (PersonalToken Row, string Token) Create(Guid userId, string name, IEnumerable<string> scopes, DateTimeOffset now, TimeSpan life)
    {
        var token = OpaqueToken.Create(OpaqueToken.Personal);
        var row = new PersonalToken
        {
            Id = Guid.CreateVersion7(now), UserId = userId, Name = name, Hint = token[^4..], Hash = OpaqueToken.HashOf(token),
            Scopes = [.. scopes], CreatedAt = now, ExpiresAt = now + life,
        };
        return (row, token);
    }
}
