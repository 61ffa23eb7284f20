using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Health;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.Problems;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.ServiceDefaults.Feeds;

/// <summary>The reader's side of a feed: applies another service's changes to this service's replica, for ever.</summary>
/// <remarks>
/// 1. Ask for what changed after the stored cursor; the owner answers when something has, or after a while: 1 s where it is asked who
///    may read what (see <see cref="AccessReplica"/>), else 20 s.
/// 2. Another feed id than the stored one: <see cref="ResetAsync"/>, begin at 0.
/// 3. Apply the changes and store the cursor in one transaction. Slow work is only queued there.
/// Applying a change twice must be harmless. What breaks is tried again with back-off up to 2 s.
/// </remarks>
/// <param name="source">The owning service: <c>artifact</c>.</param>
public abstract class FeedReader<TContext, TState>(
    string source, IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger logger) : BackgroundService
    where TContext : DbContext
    where TState : class
{
    private const int WaitSeconds = 20;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    /// <summary>How many changes an answer holds at most: with fewer the feed was read to its end.</summary>
    protected const int PageSize = 200;

    /// <summary>An owner that has not answered by then never will: it was stopped, or its machine is gone.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(WaitSeconds + 20);

    /// <summary>The last answer was full, so that an empty one is news: the end.</summary>
    private bool _full = true;

    /// <summary>Brings the replica to these states; runs inside the transaction that stores the cursor. After a full page, and after
    /// a start, none may come.</summary>
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
        var states = StatesOf(scopes);
        while (!stoppingToken.IsCancellationRequested)
        {
            string why;
            try
            {
                // After trouble it does not wait for news: whether this is up to date is the news.
                await ReadOnceAsync(pause == TimeSpan.Zero ? WaitSeconds : 0, stoppingToken);
                pause = TimeSpan.Zero;
                if (_full) states.FellBehind(source, "it catches up");
                else states.CaughtUp(source);
                continue;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException || Outages.IsDatabaseOutage(e))
            {
                logger.FeedLost(source, e.Message);
                why = e.Message;
            }
            catch (Exception e)
            {
                logger.ApplyBroke(e, source);
                why = "a change cannot be applied";
            }
            states.FellBehind(source, why);
            pause = pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(250) : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadOnceAsync(int waitSeconds, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TContext>();
        var stored = await db.Database.SqlQuery<Cursor>(
            $"select feed as \"Feed\", cursor as \"Position\" from feed_cursors where source = {source}").SingleOrDefaultAsync(ct);

        var access = source == AccessReplica.Authority ? scope.ServiceProvider.GetService<AccessReplica>() : null;
        var wait = _full ? 0 : access is null ? waitSeconds : Math.Min(waitSeconds, 1);
        var askedAt = time.GetTimestamp();
        using var owner = clients.CreateClient(ServiceClients.Own(source));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(s_patience);
        var page = await owner.GetFromJsonAsync<ChangePage<TState>>(
            $"/internal/changes?after={stored?.Position ?? 0}&wait={wait}&limit={PageSize}", ZooJson.Options, patience.Token)
            ?? throw new HttpRequestException($"The feed of {source} answered nothing.");

        var replaced = stored is not null && stored.Feed != page.Feed;
        if (page.Items.Count == 0 && stored is not null && !replaced && !_full)
        {
            access?.Applied(askedAt);
            return;
        }
        using var span = Spans.Job($"apply feed of {source}");
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
        _full = replaced || page.Items.Count == PageSize;
        Measures.ChangesApplied(source, page.Items.Count);
        if (replaced) return;
        if (!_full) access?.Applied(askedAt);
        Applied(page.Items);
    }

    private static FeedStates StatesOf(IServiceScopeFactory scopes)
    {
        using var scope = scopes.CreateScope();
        return scope.ServiceProvider.GetRequiredService<FeedStates>();
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

    /// <summary>Follows Artifact's feed of who may read what. While this replica is behind, callers see only what is public: see <see cref="AccessReplica"/>.</summary>
    public static IHostApplicationBuilder AddAccessReader<TReader>(this IHostApplicationBuilder builder) where TReader : class, IHostedService
    {
        builder.Services.AddSingleton<AccessReplica>();
        return builder.AddFeedReader<TReader>();
    }
}
