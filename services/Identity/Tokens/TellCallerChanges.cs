using Npgsql;
using StackExchange.Redis;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tokens;

/// <summary>Tells the gateways, through Redis, whose internal tokens are not what they were, so that they ask anew at once. Lost words do no
/// harm: a gateway keeps a token for 5 s at most.</summary>
/// <remarks>The database says it itself at commit (Migrations/0002), so no way of changing something is forgotten, and no request
/// waits for Redis.</remarks>
internal sealed class TellCallerChanges(NpgsqlDataSource source, IServiceProvider services, TimeProvider time, ILogger<TellCallerChanges> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();   // connecting to Redis blocks
        var redis = services.GetRequiredService<IConnectionMultiplexer>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, told) => Tell(redis, told.Payload);
                await using (var listen = new NpgsqlCommand("listen caller_changed", connection))
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                while (true) await connection.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
            {
                logger.CallerChangesLost(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Tell(IConnectionMultiplexer redis, string subject)
    {
        try
        {
            // This client's asynchronous calls never time out, so nobody waits for one.
            redis.GetSubscriber().Publish(new RedisChannel(CallerChanges.Channel, RedisChannel.PatternMode.Literal), subject, CommandFlags.FireAndForget);
        }
        catch (RedisException e)
        {
            logger.CallerChangeUntold(e.Message);
        }
    }
}
