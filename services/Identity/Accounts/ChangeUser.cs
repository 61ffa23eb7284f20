using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.Accounts;

/// <summary>An administrator disables or enables a user, or says that they are a guest.</summary>
/// <remarks>Everywhere within 5 s: the gateway asks again who a token belongs to.</remarks>
internal sealed class ChangeUser(IdentityDb db, Sessions sessions, AuditTrail audit)
{
    public async Task RunAsync(Guid userId, UpdateUser change, string actor, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var user = await db.Users.SingleAsync(u => u.Id == userId, ct);
        if (change.IsDisabled is { } disabled && disabled != user.IsDisabled)
        {
            user.IsDisabled = disabled;
            // Tokens of their own work again when they are enabled; browsers and applications sign in anew.
            if (disabled) await sessions.EndAllAsync(userId, ct);
            audit.Add(actor, disabled ? "user.disabled" : "user.enabled", userId.ToString());
        }
        if (change.IsGuest is { } guest && guest != user.IsGuest)
        {
            user.IsGuest = guest;
            audit.Add(actor, guest ? "user.made-guest" : "user.made-member", userId.ToString());
        }
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
