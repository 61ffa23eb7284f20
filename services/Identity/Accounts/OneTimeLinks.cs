using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.Accounts;

/// <summary>Links that sign somebody in once.</summary>
internal sealed class OneTimeLinks(IdentityDb db, AuditTrail audit, IOptions<PlatformOptions> platform, TimeProvider time)
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);

    /// <summary>A new link; what was open before for this user is void.</summary>
    public async Task<string> CreateAsync(Guid userId, CancellationToken ct)
    {
        var code = OpaqueToken.NewSecret();
        var now = time.GetUtcNow();
        await db.OneTimeLinks.Where(l => l.UserId == userId && l.UsedAt == null).ExecuteUpdateAsync(set => set.SetProperty(l => l.UsedAt, now), ct);
        db.OneTimeLinks.Add(new OneTimeLink { Hash = OpaqueToken.HashOf(code), UserId = userId, ExpiresAt = now + s_life });
        audit.Add(AuditTrail.System, "one-time-link.created", userId.ToString());
        await db.SaveChangesAsync(ct);
        return $"{platform.Value.Issuer}/account/one-time?code={code}";
    }

    /// <summary>Whose link this is; null: used, expired or invented.</summary>
    public Task<string?> UserNameAsync(string code, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(code);
        var now = time.GetUtcNow();
        return db.OneTimeLinks.Where(l => l.Hash == hash && l.UsedAt == null && l.ExpiresAt > now)
            .Join(db.Users, l => l.UserId, u => u.Id, (_, u) => u).Where(u => !u.IsDisabled).Select(u => u.UserName).SingleOrDefaultAsync(ct);
    }

    /// <summary>Uses it up: the user it signs in; null: used, expired or invented.</summary>
    public async Task<Guid?> UseAsync(string code, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(code);
        var now = time.GetUtcNow();
        if (await db.OneTimeLinks.Where(l => l.Hash == hash && l.UsedAt == null && l.ExpiresAt > now && db.Users.Any(u => u.Id == l.UserId && !u.IsDisabled))
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.UsedAt, now), ct) == 0) return null;
        var userId = await db.OneTimeLinks.Where(l => l.Hash == hash).Select(l => l.UserId).SingleAsync(ct);
        audit.Add(userId.ToString(), "sign-in", userId.ToString(), "one-time link");
        await db.SaveChangesAsync(ct);
        return userId;
    }
}
