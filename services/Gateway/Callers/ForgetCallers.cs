using StackExchange.Redis;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Gateway.Callers;

/// <summary>Hears from Identity, through Redis, whose tokens are not what they were, and forgets what was kept of them. Without Redis a
/// kept answer lives its 5 s.</summary>
internal sealed class ForgetCallers(IServiceProvider services, CallerTokens tokens, TimeProvider time, ILogger<ForgetCallers> logger) : BackgroundService
{
    private static readonly RedisChannel s_channel = new(CallerChanges.Channel, RedisChannel.PatternMode.Literal);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();   // connecting blocks
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The client comes back with its subscriptions after an outage by itself. Its calls never time out.
                var redis = services.GetRequiredService<IConnectionMultiplexer>();
                await redis.GetSubscriber().SubscribeAsync(s_channel, (_, subject) => tokens.ForgetSubject(subject!)).WaitAsync(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (RedisException e)
            {
                logger.RedisUnreachable(e.Message);
                await Task.Delay(s_pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
