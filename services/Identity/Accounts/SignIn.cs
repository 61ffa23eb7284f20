using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.Accounts;

/// <summary>Checks a name or e-mail address and a password.</summary>
/// <remarks>Unknown, wrong, locked and disabled answer alike and take alike: one password is hashed, and one failure counted, whatever the case.
/// Accounts lock, against many tries at one name; addresses lock, against one try at many names.</remarks>
internal sealed class SignIn(
    IdentityDb db, IPasswordHasher<User> hasher, DecoyPassword decoy, AuditTrail audit, IOptions<SignInLimitOptions> options, IHttpContextAccessor http, TimeProvider time)
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
        var address = http.HttpContext is { } context ? ClientAddress.KeyOf(context) : "";
        var addressIsLocked = await db.Database.SqlQuery<int>($"select 1 as \"Value\" from sign_in_addresses where address = {address} and locked_until > {now}").AnyAsync(ct);
        if (addressIsLocked || user?.PasswordHash is null || user.IsDisabled || user.LockoutEnd > now || !matches)
        {
            var counts = user is { PasswordHash: not null, IsDisabled: false } && !(user.LockoutEnd > now) && !addressIsLocked;
            await CountFailureAsync(counts ? user!.Id : Guid.Empty, now, ct);
            if (!addressIsLocked) await CountFailureAsync(address, now, ct);
            await RefuseAsync(user?.Id.ToString() ?? "unknown", counts ? "wrong password" : "no such account, no password, disabled or locked", ct);
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

    /// <summary>The same for an address; a day without a failure forgives.</summary>
    private Task CountFailureAsync(string address, DateTimeOffset now, CancellationToken ct)
    {
        var tries = options.Value.TriesBeforeAddressLock;
        var first = options.Value.FirstLock.TotalSeconds;
        var longest = s_longestLock.TotalSeconds;
        return db.Database.ExecuteSqlAsync($"""
            insert into sign_in_addresses as known (address, failures, failed_at, locked_until)
            values ({address}, 1, {now}, case when {tries} = 1 then {now} + make_interval(secs => {first}) end)
            on conflict (address) do update set
                failures = case when known.failed_at < {now} - interval '1 day' then 1 else known.failures + 1 end,
                failed_at = excluded.failed_at,
                locked_until = case when known.failed_at >= {now} - interval '1 day' and (known.failures + 1) % {tries} = 0
                    then {now} + make_interval(secs => least({longest}, {first} * 2 ^ least(20, (known.failures + 1) / {tries} - 1)))
                    else known.locked_until end
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
