namespace ZooPlatform.Contracts.Identity;

/// <param name="ExpiresInDays">1 to 365; 90 when absent.</param>
public sealed record CreateToken(string Name, IReadOnlyList<string>? Scopes = null, int? ExpiresInDays = null);

/// <param name="Hint">The last four characters, to tell tokens apart.</param>
/// <param name="Token">The token itself; only in the answer that creates it.</param>
public sealed record TokenView(
    Guid Id, string Name, string Hint, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt, string? Token = null);

/// <summary>What a caller brought to the gateway, to be swapped for an internal token.</summary>
/// <param name="Kind"><c>bearer</c>, <c>session</c>, <c>basic</c> or <c>anonymous</c>.</param>
public sealed record SwapRequest(string Kind, string? Value = null);

/// <param name="Subject">Whom the token is about, by the name that <see cref="CallerChanges"/> uses; null: nobody whose rights change.</param>
public sealed record SwapAnswer(string Token, DateTimeOffset ExpiresAt, string? Subject = null);

/// <summary>Asks what a subject may do now: <c>POST /internal/callers</c>. The answer is an internal token's claims; 404 when the subject, or what
/// they came with, is no more.</summary>
/// <param name="Subject">As in the internal token they had: a user's id or <c>client:&lt;id&gt;</c> of a service account.</param>
/// <param name="ClientId">What they came with then: <c>token:&lt;id&gt;</c>, <c>session:&lt;id&gt;</c> or an OAuth client's id.</param>
public sealed record CallerRequest(string Subject, string ClientId);

/// <summary>A service asks for a token of its own, for work no user asked for.</summary>
public sealed record ClientTokenRequest(IReadOnlyList<string> Scopes);

public sealed record AuditEntryView(
    long Sequence, DateTimeOffset At, string Actor, string Action, string Subject, string? Detail, string? Address);
