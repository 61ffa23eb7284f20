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
            await OfPersonAsync(token, ct),
        ("bearer" or "basic", { } token) when OpaqueToken.IsWellFormed(token) && token.StartsWith(OpaqueToken.ServiceAccount, StringComparison.Ordinal) =>
            await OfServiceAccountAsync(token, ct),
        ("bearer", { } token) when OpaqueToken.IsWellFormed(token) && token.StartsWith(OpaqueToken.Access, StringComparison.Ordinal) =>
            await OfAccessTokenAsync(token, ct),
        _ => null,
    };

    private async Task<SwapAnswer?> OfSessionAsync(string secret, CancellationToken ct) =>
        await sessions.FindAsync(secret, ct) is { } found
            ? await tokens.ForUserAsync(db, found.User, Scopes.OfUsers, $"session:{found.Session.Id}", ct)
            : null;

    private async Task<SwapAnswer?> OfPersonAsync(string token, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var found = await db.ApiTokens.AsNoTracking().Where(t => t.Hash == hash && t.RevokedAt == null && t.ExpiresAt > now)
            .Join(db.Users.AsNoTracking(), t => t.UserId, u => u.Id, (t, u) => new { Token = t, User = u })
            .SingleOrDefaultAsync(f => !f.User.IsDisabled, ct);
        if (found is null) return null;
        await NoteUseAsync(found.Token, now, ct);
        return await tokens.ForUserAsync(db, found.User, found.Token.Scopes, $"token:{found.Token.Id}", ct);
    }

    private async Task<SwapAnswer?> OfServiceAccountAsync(string token, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var found = await (
            from row in db.ApiTokens.AsNoTracking().InForce(now)
            join account in db.ServiceAccounts.AsNoTracking() on row.ServiceAccountId equals account.Id
            join organisation in db.Owners on account.OrganisationId equals organisation.Id
            where row.Hash == hash && !organisation.Deleted
            select new { Token = row, Account = account, Organisation = organisation.Name }).SingleOrDefaultAsync(ct);
        if (found is null) return null;
        await NoteUseAsync(found.Token, now, ct);
        return tokens.ForServiceAccount(found.Account, found.Organisation, found.Token.Scopes, $"token:{found.Token.Id}");
    }

    private async Task NoteUseAsync(ApiToken token, DateTimeOffset now, CancellationToken ct)
    {
        if (token.LastUsedAt + s_lastUsedGrain >= now) return;
        await db.ApiTokens.Where(t => t.Id == token.Id).ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, now), ct);
    }

    private async Task<SwapAnswer?> OfAccessTokenAsync(string token, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var found = await (
            from access in db.AccessTokens.AsNoTracking()
            join grant in db.Grants.AsNoTracking() on access.GrantId equals (Guid?)grant.Id
            join user in db.Users.AsNoTracking() on grant.UserId equals user.Id
            where access.Hash == hash && access.ExpiresAt > now && grant.RevokedAt == null && !user.IsDisabled
            select new { access.Scopes, grant.ClientId, User = user }).SingleOrDefaultAsync(ct);
        return found is null ? await OfClientAsync(hash, now, ct) : await tokens.ForUserAsync(db, found.User, found.Scopes, found.ClientId, ct);
    }

    /// <summary>Of an access token by client credentials.</summary>
    private async Task<SwapAnswer?> OfClientAsync(byte[] hash, DateTimeOffset now, CancellationToken ct)
    {
        var found = await (
            from access in db.AccessTokens
            join client in db.Clients on access.ClientId equals client.Id
            join account in db.ServiceAccounts.AsNoTracking() on client.ServiceAccountId equals account.Id
            join organisation in db.Owners on account.OrganisationId equals organisation.Id
            where access.Hash == hash && access.ExpiresAt > now && !organisation.Deleted
            select new { access.Scopes, access.ClientId, Account = account, Organisation = organisation.Name }).SingleOrDefaultAsync(ct);
        return found is null ? null : tokens.ForServiceAccount(found.Account, found.Organisation, found.Scopes, found.ClientId!);
    }
}
