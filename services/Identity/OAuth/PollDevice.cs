using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

internal abstract record PollOutcome
{
    public sealed record Issued(IssuedTokens Tokens) : PollOutcome;
    public sealed record Refused(OAuthError Error) : PollOutcome;
}

/// <summary>A device asks whether its user has decided.</summary>
/// <remarks>
/// 1. The code's row is locked: of two questions at once, the second sees what the first left.
/// 2. Too soon is too soon, whatever was decided: the wait grows by five seconds and stays so.
/// 3. An allowed one is redeemed once.
/// </remarks>
internal sealed class PollDevice(IdentityDb db, GrantTokens grants, TimeProvider time)
{
    public async Task<PollOutcome> RunAsync(OAuthClient client, string deviceCode, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(deviceCode);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var code = await db.DeviceCodes.FromSql($"select * from device_codes where hash = {hash} for update").SingleOrDefaultAsync(ct);   // 1
        var now = time.GetUtcNow();
        if (code is null || code.ClientId != client.Id || code.UsedAt is not null) return new PollOutcome.Refused(OAuthError.InvalidGrant);
        if (code.ExpiresAt <= now) return new PollOutcome.Refused(OAuthError.ExpiredToken);

        var tooSoon = code.PolledAt + TimeSpan.FromSeconds(code.IntervalSeconds) > now;                                                    // 2
        code.PolledAt = now;
        if (tooSoon) code.IntervalSeconds += 5;
        var outcome = tooSoon ? new PollOutcome.Refused(OAuthError.SlowDown) : await AnswerAsync(client, code, now, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return outcome;
    }

    private async Task<PollOutcome> AnswerAsync(OAuthClient client, DeviceCode code, DateTimeOffset now, CancellationToken ct)
    {
        if (code.DecidedAt is null) return new PollOutcome.Refused(OAuthError.AuthorizationPending);
        if (code.UserId is not { } userId) return new PollOutcome.Refused(OAuthError.AccessDenied);
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId, ct);
        if (user.IsDisabled) return new PollOutcome.Refused(OAuthError.AccessDenied);
        code.UsedAt = now;                                                                                                                  // 3
        return new PollOutcome.Issued(await grants.IssueAsync(client, user, new Granted(code.Scopes, null, code.SignedInAt!.Value, code.SessionId), ct));
    }
}
