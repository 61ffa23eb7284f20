using System.Data;
using Npgsql;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Search.Indexing;

/// <summary>Brings the live index to what <c>entries</c> says, for ever, and builds another one when that is due. Another instance's
/// writer waits its turn.</summary>
/// <remarks>
/// 1. Take the lock: order of writing is order of tasks, and one writer keeps it.
/// 2. The live index must be there and be the one that was written; else it answers no more.
/// 3. Write what is dirty in batches, also to the index being built; a row is clean once Meilisearch's tasks have succeeded.
/// 4. While an index is being built: one more step of it, and again from 2.
/// 5. Whoever else wrote to the live index is found out by its count. Wait to be woken; begin again at 2.
/// </remarks>
internal sealed class IndexWriter(
    JobSignal<IndexWriter> signal, Indexes indexes, NpgsqlDataSource database, IServiceScopeFactory scopes, TimeProvider time,
    ILogger<IndexWriter> logger) : BackgroundService
{
    internal const long LockKey = 0x7A6F6F05;

    /// <summary>How long a dropped index or another instance's change may stay unnoticed.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(3);

    /// <summary>When the live index was last written, as of the last count.</summary>
    private DateTimeOffset? _counted;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", stoppingToken);
                try
                {
                    await DeleteLeftoversAsync(stoppingToken);
                    while (true) await WriteOnceAsync(connection, stoppingToken);
                }
                finally
                {
                    // A connection goes back to the pool with its locks. One that broke has lost them already.
                    if (connection.State == ConnectionState.Open) await ExecuteAsync(connection, "select pg_advisory_unlock_all()", CancellationToken.None);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.WritingLost(e.Message);
                await Task.Delay(s_idle, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WriteOnceAsync(NpgsqlConnection holdsLock, CancellationToken ct)
    {
        await ExecuteAsync(holdsLock, "select 1", ct);   // throws when the lock went with the connection
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SearchDb>();
        var build = scope.ServiceProvider.GetRequiredService<BuildIndex>();
        var state = await IndexState.ReadAsync(db, ct);

        var live = state.Live is null ? null : await indexes.FindAsync(state.Live, ct);
        if (state.Live is not null && live?.CreatedAt != state.LiveCreatedAt)
        {
            await LoseLiveAsync(db, state.Live, ct);
            return;
        }
        var wrote = live is not null && await WriteDirtyAsync(db, state, ct);
        if (state.Next is not null && state.FeedsRead) await build.StepAsync(state, ct);
        else if (wrote) return;
        else if (state.Next is null && state.WhyBuild is { } reason) await build.BeginAsync(reason, ct);
        else if (live is not null && live.Value.UpdatedAt != _counted && !await build.IsWholeAsync(state.Live!, ct)) await LoseLiveAsync(db, state.Live!, ct);
        else
        {
            _counted = live?.UpdatedAt;
            await signal.WaitAsync(s_idle, ct);
        }
    }

    private async Task<bool> WriteDirtyAsync(SearchDb db, IndexState state, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        if (await Entries.TakeDirtyAsync(db, ct) is not { Count: > 0 } batch) return false;
        using var span = Spans.Job("write index");
        var (written, deleted) = await indexes.WriteAsync(new[] { state.Live, state.Next }.OfType<string>(), batch, ct);
        await Entries.WrittenAsync(db, batch, ct);
        Measures.Job("index", time.GetElapsedTime(start), succeeded: true);
        logger.IndexWritten(written, deleted, time.GetElapsedTime(start).TotalMilliseconds);
        return true;
    }

    private async Task LoseLiveAsync(SearchDb db, string live, CancellationToken ct)
    {
        logger.LiveLost(live);
        await IndexState.DropLiveAsync(db, ct);
    }

    private async Task DeleteLeftoversAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var state = await IndexState.ReadAsync(scope.ServiceProvider.GetRequiredService<SearchDb>(), ct);
        await indexes.DeleteOthersAsync(state.Live, state.Next, ct);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
