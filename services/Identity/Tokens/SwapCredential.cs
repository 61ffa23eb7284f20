using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Accounts;

namespace ZooPlatform.Identity.Tokens;

/// <summary>Turns what a caller brought to the gateway into an internal token.</summary>
internal sealed class SwapCredential(IdentityDb db, Sessions sessions, InternalTokens tokens, TimeProvider time)
{
    private static readonly TimeSpan s_lastUsedGrain = TimeSpan.FromMinutes(5);

    /// <summary>Null when the credential is unknown, expired or revoked, or its user disabled.</summary>
    /// <param name="kind"><c>bearer</c>, <c>session</c>, <c>basic</c> (the password of git, Git LFS and OCI clients) or <c>anonymous</c>.</param>
    public async Task<SwapAnswer?> RunAsync(string kind, string? value, CancellationToken ct) => (kind, value) switch
    {
        ("anonymous", null) => tokens.ForAnonymous(),
        ("session", { } secret) => await OfSessionAsync(secret, ct),
        ("bearer" or "basic", { } token) when OpaqueToken.IsWellFormed(token) && token.StartsWith(OpaqueToken.Personal, StringComparison.Ordinal) =>
            await OfPersonalTokenAsync(token, ct),
        ("bearer", { } token) when OpaqueToken.IsWellFormed(token) && token.StartsWith(OpaqueToken.Access, StringComparison.Ordinal) =>
            await OfAccessTokenAsync(token, ct),
        _ => null,
    };

    private async Task<SwapAnswer?> OfSessionAsync(string secret, CancellationToken ct) =>
        await sessions.FindAsync(secret, ct) is { } found
            ? await tokens.ForUserAsync(db, found.User, Scopes.OfUsers, $"session:{found.Session.Id}", ct)
            : null;

    private async Task<SwapAnswer?> OfPersonalTokenAsync(string token, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var found = await db.PersonalTokens.AsNoTracking().Where(t => t.Hash == hash && t.RevokedAt == null && t.ExpiresAt > now)
            .Join(db.Users.AsNoTracking(), t => t.UserId, u => u.Id, (t, u) => new { Token = t, User = u })
            .SingleOrDefaultAsync(f => !f.User.IsDisabled, ct);
        if (found is null) return null;
        if (found.Token.LastUsedAt is not { } last || last + s_lastUsedGrain < now)
            await db.PersonalTokens.Where(t => t.Id == found.Token.Id).ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, now), ct);
        return await tokens.ForUserAsync(db, found.User, found.Token.Scopes, $"token:{found.Token.Id}", ct);
    }

    private async Task<SwapAnswer?> OfAccessTokenAsync(string token, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var found = await (
            from access in db.AccessTokens.AsNoTracking()
            join grant in db.Grants.AsNoTracking() on access.GrantId equals grant.Id
            join user in db.Users.AsNoTracking() on grant.UserId equals user.Id
            where access.Hash == hash && access.ExpiresAt > now && grant.RevokedAt == null && !user.IsDisabled
            select new { access.Scopes, grant.ClientId, User = user }).SingleOrDefaultAsync(ct);
        return found is null ? null : await tokens.ForUserAsync(db, found.User, found.Scopes, found.ClientId, ct);
    }
}
