using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.OAuth;

internal abstract record TypedCodeOutcome
{
    public sealed record Found(DeviceCode Code, OAuthClient Client) : TypedCodeOutcome;
    public sealed record Unknown : TypedCodeOutcome;
    public sealed record TooManyTries : TypedCodeOutcome;
}

/// <summary>A signed-in person types a device's code, sees what it stands for, and decides.</summary>
/// <remarks>Wrong codes are counted before they are looked up, under one lock: 5 a session, 20 an address and hour, 100 a minute in all. So of
/// 20^8 codes nobody finds one that is open.</remarks>
internal sealed class DecideDevice(IdentityDb db, AuditTrail audit, IHttpContextAccessor http, TimeProvider time)
{
    private const long LockKey = 0x7A6F6F04;

    public async Task<TypedCodeOutcome> FindAsync(string typed, SignedInUser signedIn, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var (session, address) = (signedIn.Session.Id, http.HttpContext is { } context ? ClientAddress.KeyOf(context) : "");
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockKey})", ct);
        var (hourAgo, minuteAgo) = (now - TimeSpan.FromHours(1), now - TimeSpan.FromMinutes(1));
        if (await db.DeviceTries.CountAsync(t => t.SessionId == session, ct) >= 5
            || await db.DeviceTries.CountAsync(t => t.Address == address && t.At > hourAgo, ct) >= 20
            || await db.DeviceTries.CountAsync(t => t.At > minuteAgo, ct) >= 100)
            return new TypedCodeOutcome.TooManyTries();

        var userCode = DeviceCode.Fold(typed);
        var code = await db.DeviceCodes.SingleOrDefaultAsync(c => c.UserCode == userCode && c.DecidedAt == null && c.ExpiresAt > now, ct);
        if (code is null) db.DeviceTries.Add(new DeviceTry { SessionId = session, Address = address, At = now });
        else code.SessionId = session;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return code is null
            ? new TypedCodeOutcome.Unknown()
            : new TypedCodeOutcome.Found(code, await db.Clients.AsNoTracking().SingleAsync(c => c.Id == code.ClientId, ct));
    }

    /// <summary>False: there is nothing to decide any more, or another session typed the code since.</summary>
    public async Task<bool> DecideAsync(string userCode, SignedInUser signedIn, bool allow, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var folded = DeviceCode.Fold(userCode);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // One statement, so that of two decisions one counts.
        var decided = await db.DeviceCodes
            .Where(c => c.UserCode == folded && c.SessionId == signedIn.Session.Id && c.DecidedAt == null && c.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.DecidedAt, now)
                .SetProperty(c => c.UserId, allow ? (Guid?)signedIn.User.Id : null)
                .SetProperty(c => c.SignedInAt, signedIn.Session.SignedInAt), ct);
        if (decided == 0) return false;
        var client = await db.DeviceCodes.Where(c => c.UserCode == folded).Select(c => c.ClientId).SingleAsync(ct);
        audit.Add(signedIn.User.Id.ToString(), allow ? "device.allowed" : "device.denied", client);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}

/// <summary>A user code that was typed and does not exist.</summary>
internal sealed class DeviceTry
{
    public long Id { get; init; }
    public required Guid SessionId { get; init; }
    public required string Address { get; init; }
    public required DateTimeOffset At { get; init; }
}
