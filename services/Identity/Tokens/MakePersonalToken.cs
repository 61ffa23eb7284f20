using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.Tokens;

/// <summary>Makes a token for a user; the answer is the only time it is seen.</summary>
internal sealed class MakePersonalToken(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    public async Task<(PersonalToken Row, string Token)> RunAsync(
        Guid userId, string name, IEnumerable<string> scopes, TimeSpan life, CancellationToken ct)
    {
        var made = PersonalToken.Create(userId, name, scopes, time.GetUtcNow(), life);
        db.PersonalTokens.Add(made.Row);
        audit.Add(userId.ToString(), "token.created", made.Row.Id.ToString(), string.Join(' ', made.Row.Scopes));
        await db.SaveChangesAsync(ct);
        return made;
    }
}

/// <summary>Ends a token of a user's own. It is dead everywhere once the gateway's cache of 5 s is.</summary>
internal sealed class RevokePersonalToken(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    /// <summary>False: the user has no such token in force.</summary>
    public async Task<bool> RunAsync(Guid userId, Guid tokenId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var revoked = await db.PersonalTokens.InForce(now).Where(t => t.Id == tokenId && t.UserId == userId)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), ct);
        if (revoked == 0) return false;
        audit.Add(userId.ToString(), "token.revoked", tokenId.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
