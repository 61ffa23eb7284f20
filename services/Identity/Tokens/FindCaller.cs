using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Tokens;

/// <summary>What a subject may do now, with what they came with then: the claims that the swap of their credential would be signed for.</summary>
/// <remarks>A service that gave a caller a signed address asks this when it is used, so that the address dies with the right.</remarks>
internal sealed class FindCaller(IdentityDb db, InternalTokens tokens, TimeProvider time)
{
    /// <summary>Null: the subject is gone or disabled, or the token, session or grant has ended.</summary>
    public async Task<InternalClaims?> RunAsync(string subject, string clientId, CancellationToken ct)
    {
        if (Guid.TryParse(subject, out var user)) return await OfUserAsync(user, clientId, ct);
        return subject.StartsWith(InternalClaims.ClientPrefix, StringComparison.Ordinal)
            && Guid.TryParse(subject.AsSpan(InternalClaims.ClientPrefix.Length), out var account) ? await OfServiceAccountAsync(account, clientId, ct) : null;
    }

    private async Task<InternalClaims?> OfUserAsync(Guid id, string clientId, CancellationToken ct)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id && !u.IsDisabled, ct) is not { } user) return null;
        var now = time.GetUtcNow();
        string[]? scopes = clientId.Split(':') switch
        {
            ["token", var text] when Guid.TryParse(text, out var token) => await ScopesOfTokenAsync(TokenHolder.User(id), token, now, ct),
            ["session", var text] when Guid.TryParse(text, out var session) =>
                await db.Sessions.AnyAsync(s => s.Id == session && s.UserId == id && s.RevokedAt == null && s.ExpiresAt > now, ct) ? [.. Scopes.OfUsers] : null,
            _ => await ScopesOfGrantsAsync(id, clientId, now, ct),
        };
        return scopes is null ? null : await tokens.ClaimsOfUserAsync(db, user, scopes, clientId, ct);
    }

    private async Task<InternalClaims?> OfServiceAccountAsync(Guid id, string clientId, CancellationToken ct)
    {
        var found = await (
            from row in db.ServiceAccounts.AsNoTracking()
            join organisation in db.Owners on row.OrganisationId equals organisation.Id
            where row.Id == id && !organisation.Deleted
            select new { Account = row, Organisation = organisation.Name }).SingleOrDefaultAsync(ct);
        if (found is null) return null;
        var scopes = clientId.Split(':') is ["token", var text]
            ? Guid.TryParse(text, out var token) ? await ScopesOfTokenAsync(TokenHolder.Account(id), token, time.GetUtcNow(), ct) : null
            : await db.Clients.Where(client => client.Id == clientId && client.ServiceAccountId == id).Select(client => client.Scopes).SingleOrDefaultAsync(ct);
        return scopes is null ? null : tokens.ClaimsOfServiceAccount(found.Account, found.Organisation, scopes, clientId);
    }

    private Task<string[]?> ScopesOfTokenAsync(TokenHolder holder, Guid token, DateTimeOffset now, CancellationToken ct) =>
        db.ApiTokens.InForce(now).Of(holder).Where(t => t.Id == token).Select(t => (string[]?)t.Scopes).SingleOrDefaultAsync(ct);

    // A user may have let a client in on several machines; which of the grants it was is not known, so what any of them gives still counts.
    private async Task<string[]?> ScopesOfGrantsAsync(Guid user, string clientId, DateTimeOffset now, CancellationToken ct)
    {
        var scopes = await db.Grants.Where(g => g.UserId == user && g.ClientId == clientId && g.RevokedAt == null && g.ExpiresAt > now)
            .OrderByDescending(g => g.CreatedAt).Take(100).Select(g => g.Scopes).ToListAsync(ct);
        return scopes.Count == 0 ? null : [.. scopes.SelectMany(one => one).Distinct(StringComparer.Ordinal)];
    }
}
