using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.Accounts;

/// <summary>Checks a name or e-mail address and a password.</summary>
/// <remarks>Unknown, wrong, locked and disabled answer alike and take alike: one password is hashed whatever the case.</remarks>
internal sealed class SignIn(
    IdentityDb db, IPasswordHasher<User> hasher, DecoyPassword decoy, AuditTrail audit, IOptions<SignInLimitOptions> options, TimeProvider time)
{
    private static readonly TimeSpan s_longestLock = TimeSpan.FromHours(1);

    /// <summary>The user; null when they may not sign in.</summary>
    public async Task<User?> RunAsync(string nameOrEmail, string password, CancellationToken ct)
    {
        var normalized = nameOrEmail.Trim().ToUpperInvariant();
        var user = await db.Users.AsNoTracking()
            .Where(u => u.NormalizedUserName == normalized || u.NormalizedEmail == normalized)
            .OrderByDescending(u => u.NormalizedUserName == normalized).FirstOrDefaultAsync(ct);
        var now = time.GetUtcNow();

        var matches = hasher.VerifyHashedPassword(user ?? decoy.User, user?.PasswordHash ?? decoy.Hash, password) != PasswordVerificationResult.Failed;
        if (user?.PasswordHash is null || user.IsDisabled || user.LockoutEnd > now)
        {
            await RefuseAsync(user?.Id.ToString() ?? "unknown", "no such account, no password, disabled or locked", ct);
            return null;
        }
        if (!matches)
        {
            await CountFailureAsync(user.Id, now, ct);
            await RefuseAsync(user.Id.ToString(), "wrong password", ct);
            return null;
        }
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.AccessFailedCount, 0), ct);
        audit.Add(user.Id.ToString(), "sign-in", user.Id.ToString(), "password");
        await db.SaveChangesAsync(ct);
        return user;
    }

    /// <summary>Every <c>TriesBeforeLock</c>th failure locks, each time twice as long.</summary>
    /// <remarks>One statement, so that tries in parallel all count.</remarks>
    private Task CountFailureAsync(Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        var tries = options.Value.TriesBeforeLock;
        var first = options.Value.FirstLock.TotalSeconds;
        var longest = s_longestLock.TotalSeconds;
        return db.Database.ExecuteSqlAsync($"""
            update users set access_failed_count = access_failed_count + 1,
                lockout_end = case when (access_failed_count + 1) % {tries} = 0
                    then {now} + make_interval(secs => least({longest}, {first} * 2 ^ least(20, (access_failed_count + 1) / {tries} - 1)))
                    else lockout_end end
            where id = {userId}
            """, ct);
    }

    private Task RefuseAsync(string subject, string why, CancellationToken ct)
    {
        audit.Add("anonymous", "sign-in.refused", subject, why);
        return db.SaveChangesAsync(ct);
    }
}

/// <summary>What a password is compared with where there is no account, so that it takes as long.</summary>
internal sealed class DecoyPassword(IPasswordHasher<User> hasher)
{
    public User User { get; } = new() { CreatedAt = DateTimeOffset.UnixEpoch };

    public string Hash => field ??= hasher.HashPassword(User, Tokens.OpaqueToken.NewSecret());
}
