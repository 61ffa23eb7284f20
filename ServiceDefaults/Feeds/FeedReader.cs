using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.ServiceDefaults.Feeds;

/// <summary>The reader's side of a feed: applies another service's changes to this service's replica, for ever.</summary>
/// <remarks>
/// 1. Ask for what changed after the stored cursor; the owner answers when something has, or after 20 s.
/// 2. Another feed id than the stored one: <see cref="ResetAsync"/>, begin at 0.
/// 3. Apply the changes and store the cursor in one transaction. Slow work is only queued there.
/// Applying a change twice must be harmless. What breaks is tried again with back-off up to 15 s.
/// </remarks>
/// <param name="source">The owning service: <c>artifact</c>.</param>
public abstract class FeedReader<TContext, TState>(
    string source, IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger logger) : BackgroundService
    where TContext : DbContext
    where TState : class
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);

    /// <summary>Brings the replica to these states; runs inside the transaction that stores the cursor.</summary>
    protected abstract Task ApplyAsync(TContext db, IReadOnlyList<Change<TState>> changes, CancellationToken ct);

    /// <summary>Empties the replica: everything comes again. Runs inside a transaction.</summary>
    protected abstract Task ResetAsync(TContext db, CancellationToken ct);

    /// <summary>After the commit: wake the workers whose jobs were queued.</summary>
    protected virtual void Applied(IReadOnlyList<Change<TState>> changes)
    {
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadOnceAsync(stoppingToken);
                pause = TimeSpan.Zero;
                continue;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException || Outages.IsDatabaseOutage(e))
            {
                logger.FeedLost(source, e.Message);
            }
            catch (Exception e)
            {
                logger.ApplyBroke(e, source);
            }
            pause = pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(250) : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadOnceAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>();
        var stored = await db.Database.SqlQuery<Cursor>(
            $"select feed as \"Feed\", cursor as \"Position\" from feed_cursors where source = {source}").SingleOrDefaultAsync(ct);

        using var owner = clients.CreateClient(ServiceClients.Own(source));
        var page = await owner.GetFromJsonAsync<ChangePage<TState>>(
            $"/internal/changes?after={stored?.Position ?? 0}&wait=20&limit=200", ZooJson.Options, ct)
            ?? throw new HttpRequestException($"The feed of {source} answered nothing.");

        var replaced = stored is not null && stored.Feed != page.Feed;
        if (page.Items.Count == 0 && stored is not null && !replaced) return;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (replaced)
        {
            logger.FeedReplaced(source);
            await ResetAsync(db, ct);
        }
        else
        {
            await ApplyAsync(db, page.Items, ct);
        }
        var position = replaced ? 0 : page.Next;
        await db.Database.ExecuteSqlAsync($"""
            insert into feed_cursors (source, feed, cursor) values ({source}, {page.Feed}, {position})
            on conflict (source) do update set feed = excluded.feed, cursor = excluded.cursor, read_at = now()
            """, ct);
        await transaction.CommitAsync(ct);
        if (!replaced) Applied(page.Items);
    }

    private sealed record Cursor(Guid Feed, long Position);
}

public static class FeedReaders
{
    /// <summary>Follows another service's feed. The service's client for it must be there: <c>AddServiceClient(source, scope)</c>.</summary>
    public static IHostApplicationBuilder AddFeedReader<TReader>(this IHostApplicationBuilder builder) where TReader : class, IHostedService
    {
        builder.Services.AddMigrations([MigrationScript.Read(typeof(FeedReaders).Assembly, "0000_feed_cursors.sql", "0000_feed_cursors")]);
        builder.Services.AddHostedService<TReader>();
        return builder;
    }
}
