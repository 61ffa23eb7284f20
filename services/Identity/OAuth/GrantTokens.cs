using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary>What the token endpoint gives out.</summary>
/// <param name="GrantId">Null: the client acts for itself, and gets an access token alone.</param>
/// <param name="IdToken">Null without the scope <c>openid</c>.</param>
internal sealed record IssuedTokens(Guid? GrantId, string AccessToken, string? RefreshToken, string? IdToken, IReadOnlyList<string> Scopes);

internal abstract record RefreshOutcome
{
    public sealed record Issued(IssuedTokens Tokens) : RefreshOutcome;

    /// <summary>More scopes were asked than the grant has.</summary>
    public sealed record TooWide : RefreshOutcome;
    public sealed record Refused : RefreshOutcome;
}

/// <summary>The tokens of a grant: makes them, rotates them, ends them.</summary>
internal sealed class GrantTokens(
    IdentityDb db, IDataProtectionProvider protection, IdTokens idTokens, AuditTrail audit, TimeProvider time, ILogger<GrantTokens> logger)
{
    /// <summary>How long a client whose answer was lost may ask again with the token before.</summary>
    private static readonly TimeSpan s_lostAnswer = TimeSpan.FromSeconds(10);
    private readonly IDataProtector _protector = protection.CreateProtector("refresh keys");

    /// <summary>The first tokens of a new grant; inside the caller's transaction.</summary>
    public async Task<IssuedTokens> IssueAsync(OAuthClient client, User user, Granted granted, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var grant = new Grant
        {
            Id = Guid.CreateVersion7(now), ClientId = client.Id, UserId = user.Id, Scopes = granted.Scopes, Nonce = granted.Nonce,
            SignedInAt = granted.SignedInAt, SessionId = granted.SessionId, CreatedAt = now, RefreshedAt = now, ExpiresAt = now + Grant.LifeWith(client),
            RefreshKey = _protector.Protect(OpaqueToken.NewSecret()),
        };
        db.Grants.Add(grant);
        return await TokensAsync(grant, user, grant.Scopes, newRefreshToken: true, ct);
    }

    /// <summary>New tokens for a refresh token.</summary>
    /// <param name="narrower">Must be among the granted scopes; null: all.</param>
    /// <remarks>
    /// Each use gives the next refresh token. The one before it is answered alike for 10 s (the answer may have been lost) as long as
    /// the next is unused; any other used one was stolen or its thief is asking now: the grant ends.
    /// </remarks>
    public async Task<RefreshOutcome> RefreshAsync(string clientId, string refreshToken, IReadOnlyList<string>? narrower, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(refreshToken);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var found = await db.RefreshTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Hash == hash, ct);
        if (found is null) return new RefreshOutcome.Refused();
        // Two uses at once come one after the other.
        var grant = await db.Grants.FromSql($"select * from grants where id = {found.GrantId} for update").SingleAsync(ct);
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == grant.UserId, ct);
        var now = time.GetUtcNow();
        if (grant.ClientId != clientId || grant.RevokedAt is not null || user.IsDisabled) return new RefreshOutcome.Refused();
        if (grant.ExpiresAt <= now || grant.RefreshedAt + Grant.Idle <= now) return new RefreshOutcome.Refused();

        var isCurrent = found.Counter == grant.RefreshCounter;
        var isLostAnswer = found.Counter == grant.RefreshCounter - 1 && grant.RefreshedAt + s_lostAnswer > now;
        if (!isCurrent && !isLostAnswer)
        {
            await RevokeAsync(grant.Id, "a used refresh token came again", ct);
            await transaction.CommitAsync(ct);
            return new RefreshOutcome.Refused();
        }
        if (narrower?.Except(grant.Scopes).Any() == true) return new RefreshOutcome.TooWide();
        if (isCurrent)
        {
            grant.RefreshCounter++;
            grant.RefreshedAt = now;
        }
        var issued = await TokensAsync(grant, user, narrower ?? grant.Scopes, newRefreshToken: isCurrent, ct);
        await transaction.CommitAsync(ct);
        return new RefreshOutcome.Issued(issued);
    }

    /// <summary>An access token for a client that acts for itself.</summary>
    public async Task<IssuedTokens> IssueAsync(OAuthClient client, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var access = OpaqueToken.Create(OpaqueToken.Access);
        db.AccessTokens.Add(new AccessToken
        {
            Hash = OpaqueToken.HashOf(access), ClientId = client.Id, Scopes = [.. scopes], ExpiresAt = time.GetUtcNow() + AccessToken.Life,
        });
        await db.SaveChangesAsync(ct);
        return new IssuedTokens(null, access, null, null, scopes);
    }

    /// <summary>What a refresh token was granted; null: unknown.</summary>
    public async Task<Grant?> FindByRefreshTokenAsync(string refreshToken, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(refreshToken);
        return await db.RefreshTokens.Where(t => t.Hash == hash).Join(db.Grants.AsNoTracking(), t => t.GrantId, g => g.Id, (_, g) => g).SingleOrDefaultAsync(ct);
    }

    /// <summary>The grant whose refresh token in force this is; null: unknown, used or idle too long.</summary>
    public async Task<Grant?> FindCurrentAsync(string refreshToken, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(refreshToken);
        var idleSince = time.GetUtcNow() - Grant.Idle;
        return await db.RefreshTokens.Where(t => t.Hash == hash).Join(db.Grants.AsNoTracking(), t => t.GrantId, g => g.Id, (t, g) => new { t.Counter, Grant = g })
            .Where(found => found.Counter == found.Grant.RefreshCounter && found.Grant.RefreshedAt > idleSince).Select(found => found.Grant).SingleOrDefaultAsync(ct);
    }

    /// <summary>Ends a grant, if it is this user's and in force.</summary>
    public async Task RevokeOfUserAsync(Guid userId, Guid grantId, CancellationToken ct)
    {
        if (await db.Grants.AnyAsync(g => g.Id == grantId && g.UserId == userId && g.RevokedAt == null, ct))
            await RevokeAsync(grantId, "the user revoked it", ct);
    }

    /// <summary>Ends a grant and with it all its tokens.</summary>
    public async Task RevokeAsync(Guid grantId, string why, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await db.Grants.Where(g => g.Id == grantId && g.RevokedAt == null).ExecuteUpdateAsync(set => set.SetProperty(g => g.RevokedAt, now), ct);
        audit.Add(AuditTrail.System, "grant.revoked", grantId.ToString(), why);
        await db.SaveChangesAsync(ct);
        logger.GrantRevoked(grantId, why);
    }

    private async Task<IssuedTokens> TokensAsync(Grant grant, User user, IReadOnlyList<string> scopes, bool newRefreshToken, CancellationToken ct)
    {
        var access = OpaqueToken.Create(OpaqueToken.Access);
        db.AccessTokens.Add(new AccessToken
        {
            Hash = OpaqueToken.HashOf(access), GrantId = grant.Id, Scopes = [.. scopes], ExpiresAt = time.GetUtcNow() + AccessToken.Life,
        });
        var refresh = WebEncoders.Base64UrlEncode(HMACSHA256.HashData(
            Encoding.ASCII.GetBytes(_protector.Unprotect(grant.RefreshKey)),
            Encoding.ASCII.GetBytes(grant.RefreshCounter.ToString(CultureInfo.InvariantCulture))));
        if (newRefreshToken)
            db.RefreshTokens.Add(new RefreshToken { Hash = OpaqueToken.HashOf(refresh), GrantId = grant.Id, Counter = grant.RefreshCounter });
        await db.SaveChangesAsync(ct);
        var method = await db.Sessions.Where(s => s.Id == grant.SessionId).Select(s => s.Method).SingleOrDefaultAsync(ct);
        var idToken = scopes.Contains(OAuthScopes.OpenId) ? idTokens.Issue(grant, user, access, method) : null;
        return new IssuedTokens(grant.Id, access, refresh, idToken, scopes);
    }
}
