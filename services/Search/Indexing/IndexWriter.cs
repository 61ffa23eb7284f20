using System.Data;
using Meilisearch;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Search.Indexing;

/// <summary>Brings the Meilisearch index to what <c>entries</c> says, for ever. Another instance's writer waits its turn.</summary>
/// <remarks>
/// 1. Take the lock: order of writing is order of tasks, and one writer keeps it.
/// 2. The index must be there, with our settings, and be the one that was written; otherwise everything is dirty.
/// 3. Write what is dirty in batches; a row is clean once Meilisearch's task has succeeded. Wait to be woken; begin again at 2.
/// </remarks>
internal sealed class IndexWriter(
    MeilisearchClient meilisearch, JobSignal<IndexWriter> signal, NpgsqlDataSource database, IServiceScopeFactory scopes, IOptions<SearchOptions> options,
    TimeProvider time, ILogger<IndexWriter> logger) : BackgroundService
{
    private const int BatchSize = 500;
    internal const long LockKey = 0x7A6F6F05;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(2);

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
        await EnsureIndexAsync(db, ct);
        while (await Entries.TakeDirtyAsync(db, BatchSize, ct) is { Count: > 0 } batch) await WriteAsync(db, batch, ct);
        await signal.WaitAsync(s_idle, ct);
    }

    private async Task EnsureIndexAsync(SearchDb db, CancellationToken ct)
    {
        var written = await db.Database.SqlQuery<WrittenIndex>(
            $"select created_at as \"CreatedAt\", settings_sha256 as \"SettingsSha256\" from written_index").SingleOrDefaultAsync(ct);
        var createdAt = await CreatedAtAsync(ct);
        if (createdAt is not null && createdAt == written?.CreatedAt && written.SettingsSha256 == IndexSettings.Sha256) return;

        // Settings make the index when it is not there: no query ever meets one that cannot be filtered.
        await SucceedAsync(await meilisearch.Index(options.Value.Index).UpdateSettingsAsync(IndexSettings.Value, ct), ct);
        createdAt ??= await CreatedAtAsync(ct) ?? throw new InvalidOperationException($"The index {options.Value.Index} vanished while it was made.");
        if (createdAt != written?.CreatedAt) await Entries.MarkAllDirtyAsync(db, ct);
        await db.Database.ExecuteSqlAsync($"""
            insert into written_index (created_at, settings_sha256) values ({createdAt.Value}, {IndexSettings.Sha256})
            on conflict (singleton) do update set created_at = excluded.created_at, settings_sha256 = excluded.settings_sha256
            """, ct);
        logger.IndexPrepared(options.Value.Index);
    }

    /// <summary>When the index was made, which tells it from an earlier one of the same name; null when there is none.</summary>
    private async Task<DateTime?> CreatedAtAsync(CancellationToken ct)
    {
        try
        {
            var index = await meilisearch.GetIndexAsync(options.Value.Index, ct);
            // PostgreSQL keeps microseconds, Meilisearch tells nanoseconds.
            return new DateTime(index.CreatedAt!.Value.UtcTicks / 10 * 10, DateTimeKind.Utc);
        }
        catch (MeilisearchApiError e) when (e.Code == "index_not_found")
        {
            return null;
        }
    }

    private async Task WriteAsync(SearchDb db, IReadOnlyList<DirtyEntry> batch, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var index = meilisearch.Index(options.Value.Index);
        var documents = batch.Select(entry => entry.Document).OfType<ModelDocument>().ToList();
        var gone = batch.Where(entry => entry.Document is null).Select(entry => entry.Id.ToString()).ToList();
        var tasks = new List<TaskInfo>();
        if (documents.Count > 0) tasks.Add(await index.AddDocumentsAsync(documents, "id", ct));
        if (gone.Count > 0) tasks.Add(await index.DeleteDocumentsAsync(gone, ct));
        foreach (var task in tasks) await SucceedAsync(task, ct);
        await Entries.WrittenAsync(db, batch, ct);
        logger.IndexWritten(documents.Count, gone.Count, time.GetElapsedTime(start).TotalMilliseconds);
    }

    private async Task SucceedAsync(TaskInfo task, CancellationToken ct)
    {
        var done = await meilisearch.WaitForTaskAsync(task.TaskUid, options.Value.TaskTimeout.TotalMilliseconds, intervalMs: 10, ct);
        if (done.Status != TaskInfoStatus.Succeeded)
            throw new InvalidOperationException($"Meilisearch's task {task.TaskUid} ended as {done.Status}: {done.Error?.GetValueOrDefault("message")}");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private sealed record WrittenIndex(DateTime CreatedAt, string SettingsSha256);
}
