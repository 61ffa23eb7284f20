using Microsoft.EntityFrameworkCore;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Every hour: what has expired is deleted. It was dead before; this keeps the tables short.</summary>
internal sealed class DeleteExpired(IServiceScopeFactory scopes, TimeProvider time, ILogger<DeleteExpired> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        time.EveryAsync(TimeSpan.FromHours(1), RunAsync, e => logger.DeletionBroke(e.Message), stoppingToken);

    /// <remarks>What tells a replay from an invention (used codes and refresh tokens) stays for a while longer.</remarks>
    internal async Task RunAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        var now = time.GetUtcNow();
        var (dayAgo, monthAgo) = (now - TimeSpan.FromDays(1), now - TimeSpan.FromDays(30));
        await db.AccessTokens.Where(t => t.ExpiresAt < now).ExecuteDeleteAsync(ct);
        await db.DeviceCodes.Where(c => c.ExpiresAt < dayAgo).ExecuteDeleteAsync(ct);
        await db.DeviceTries.Where(t => t.At < dayAgo).ExecuteDeleteAsync(ct);
        await db.AuthorizationCodes.Where(c => c.ExpiresAt < dayAgo).ExecuteDeleteAsync(ct);
        await db.Grants.Where(g => g.ExpiresAt < monthAgo || g.RevokedAt < monthAgo).ExecuteDeleteAsync(ct);
        await db.Sessions.Where(s => s.ExpiresAt < monthAgo || s.RevokedAt < monthAgo).ExecuteDeleteAsync(ct);
        await db.Database.ExecuteSqlAsync($"delete from sign_in_addresses where failed_at < {dayAgo} and (locked_until is null or locked_until < {now})", ct);
    }
}
