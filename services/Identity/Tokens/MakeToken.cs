using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.Tokens;

/// <summary>Makes a token; the answer is the only time it is seen.</summary>
internal sealed class MakeToken(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    /// <param name="actor">Who makes it, for the audit trail.</param>
    public async Task<(ApiToken Row, string Token)> RunAsync(
        TokenHolder holder, string actor, string name, IEnumerable<string> scopes, TimeSpan life, CancellationToken ct)
    {
        var made = ApiToken.Create(holder, name, scopes, time.GetUtcNow(), life);
        db.ApiTokens.Add(made.Row);
        audit.Add(actor, "token.created", made.Row.Id.ToString(), string.Join(' ', made.Row.Scopes));
        await db.SaveChangesAsync(ct);
        return made;
    }
}

/// <summary>Ends a token. It is dead everywhere once the gateway's cache of 5 s is.</summary>
internal sealed class RevokeToken(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    /// <summary>False: the holder has no such token in force.</summary>
    public async Task<bool> RunAsync(TokenHolder holder, string actor, Guid tokenId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var revoked = await db.ApiTokens.InForce(now).Of(holder).Where(t => t.Id == tokenId)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), ct);
        if (revoked == 0) return false;
        audit.Add(actor, "token.revoked", tokenId.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
