using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.ServiceDefaults.Feeds;

/// <summary>Wakes readers that wait on the feed: one connection listens for all of them.</summary>
public sealed class FeedSignal(NpgsqlDataSource source, TimeProvider time, ILogger<FeedSignal> logger) : BackgroundService
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change.</summary>
    public Task Next() => _next.Task;

    /// <summary>Waits for a change, for patience to end, or for the service to stop; never throws for any of them.</summary>
    internal static async Task WaitAsync(Task changed, TimeSpan patience, CancellationToken ct)
    {
        try
        {
            await changed.WaitAsync(patience, ct);
        }
        catch (TimeoutException)
        {
        }
        catch (OperationCanceledException)
        {
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, _) => Wake();
                await using (var listen = new NpgsqlCommand("listen changes", connection))
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                Wake();   // whoever changed something before we listened
                while (true) await connection.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outages.IsDatabaseOutage(e) || e is NpgsqlException or IOException or InvalidOperationException)
            {
                logger.SignalLost(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

internal static partial class Log
{
    [LoggerMessage(1201, LogLevel.Warning, "Listening for changes broke and begins again: {Reason}")]
    public static partial void SignalLost(this ILogger logger, string reason);

    [LoggerMessage(1202, LogLevel.Warning, "Reading the feed of {Source} broke and begins again: {Reason}")]
    public static partial void FeedLost(this ILogger logger, string source, string reason);

    [LoggerMessage(1203, LogLevel.Information, "The feed of {Source} is another one now; its replica is rebuilt")]
    public static partial void FeedReplaced(this ILogger logger, string source);

    [LoggerMessage(1204, LogLevel.Error, "A change in the feed of {Source} cannot be applied; trying again")]
    public static partial void ApplyBroke(this ILogger logger, Exception exception, string source);
}
