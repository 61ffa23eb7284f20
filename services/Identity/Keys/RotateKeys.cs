using Microsoft.EntityFrameworkCore;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Identity.Keys;

/// <summary>Makes the first keys before the service listens; afterwards, every hour, makes the next ones in time and destroys
/// those no living token is signed with. One instance at a time, by a database lock.</summary>
internal sealed class RotateKeys(IServiceScopeFactory scopes, KeyRing ring, TimeProvider time, ILogger<RotateKeys> logger) : BackgroundService
{
    /// <summary>How long a key signs.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(90);

    /// <summary>How long before its use a key is published; services keep a key set for an hour.</summary>
    public static readonly TimeSpan PublishedBefore = TimeSpan.FromDays(2);

    /// <summary>How long after its use a key is published: the longest life of a token it signed (5 min), and 5 min.</summary>
    public static readonly TimeSpan PublishedAfter = TimeSpan.FromMinutes(10);
    private const long LockKey = 0x7A6F6F02;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        time.EveryAsync(TimeSpan.FromHours(1), RunAsync, e => logger.RotationBroke(e.Message), stoppingToken, atOnce: false);

    internal async Task RunAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        await using (var transaction = await db.Database.BeginTransactionAsync(ct))
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockKey})", ct);
            foreach (var algorithm in new[] { SigningKey.Internal, SigningKey.IdToken }) await RotateAsync(db, algorithm, ct);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        await ring.LoadAsync(ct);
    }

    private async Task RotateAsync(IdentityDb db, string algorithm, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var keys = await db.SigningKeys.Where(key => key.Algorithm == algorithm).OrderBy(key => key.ActiveFrom).ToListAsync(ct);
        if (keys.Count == 0)
        {
            Add(db, algorithm, now);
        }
        else if (keys[^1].ActiveFrom + Life - PublishedBefore <= now)
        {
            var planned = keys[^1].ActiveFrom + Life;
            var earliest = now + TimeSpan.FromDays(1);
            Add(db, algorithm, planned > earliest ? planned : earliest);
        }
        foreach (var (key, successor) in keys.Zip(keys.Skip(1)))
        {
            if (successor.ActiveFrom + PublishedAfter > now) continue;
            db.SigningKeys.Remove(key);
            logger.KeyDestroyed(key.Id);
        }
    }

    private void Add(IdentityDb db, string algorithm, DateTimeOffset activeFrom)
    {
        var key = KeyPair.Create(algorithm, activeFrom);
        db.SigningKeys.Add(ring.Protect(key));
        logger.KeyMade(key.Id, algorithm, activeFrom);
    }
}
