using Npgsql;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>Keeps sweeps away from objects that are on their way in. Objects have no inodes, so a sweep cannot see that the one it deletes is not
/// the one it judged; it is told instead.</summary>
/// <remarks>
/// Keeping: 1. mark the hash (<c>blob_keeps</c>), 2. put the object, 3. write its row, 4. take the mark away.
/// Deleting: rows are gone and committed; then, with the gate closed, whatever has no row, no mark and no upload under way is deleted.
/// Marking passes the gate, shared; deleting closes it, and it opens when the store has answered. Hence a mark is either there before the
/// sweep looks, and it stays away; or it comes after the delete is done, and the object that is put then stays. Between 3 and 4 both tell
/// of the object, and the sweep reads both in one statement.
/// A delete that broke off, or whose service was killed, may still be carried out: it is noted before (<c>blob_deletes</c>), and whoever marks
/// one of its hashes within some seconds waits until they are over.
/// What is killed while it keeps leaves a mark. The next process that is alone in the same spool, whose lock the kernel keeps, ends the marks that
/// were made there; of a spool that is used no more they are forgotten after two days.
/// </remarks>
internal sealed class KeepMarks(NpgsqlDataSource source, Spool spool, TimeProvider time)
{
    private const long Gate = 0x7A6F6F20;

    /// <summary>So many are deleted while the gate is closed; larger numbers in turns.</summary>
    private const int AtOnce = 100;
    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(2), s_patience = TimeSpan.FromSeconds(10), s_late = s_patience + TimeSpan.FromSeconds(10);
    private readonly string _spool = spool.IdOf("spool-id");

    /// <summary>Step 1; disposing is step 4.</summary>
    public async Task<IAsyncDisposable> MarkAsync(IReadOnlyCollection<BlobHash> blobs, CancellationToken ct)
    {
        var mark = new Mark(source, Guid.CreateVersion7());
        var hashes = ValuesOf(blobs);
        await using var batch = source.CreateBatch();   // one transaction
        batch.BatchCommands.Add(new($"select pg_advisory_xact_lock_shared({Gate})"));
        batch.BatchCommands.Add(new("insert into blob_keeps (id, sha256, since, spool) select $1, sha256, $2, $4 from unnest($3) as kept(sha256)")
        {
            Parameters = { new() { Value = mark.Id }, new() { Value = time.GetUtcNow() }, new() { Value = hashes }, new() { Value = _spool } },
        });
        batch.BatchCommands.Add(new("select max(since) from blob_deletes where sha256 = any($1)") { Parameters = { new() { Value = hashes } } });
        var told = await LastAsync(batch, ct);
        try
        {
            if (told + s_late - time.GetUtcNow().UtcDateTime is { } left && left > TimeSpan.Zero) await Task.Delay(left, time, ct);
            return mark;
        }
        catch
        {
            await mark.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls <paramref name="delete"/> with those that nothing names, and lets nobody mark one of them meanwhile.</summary>
    public async Task DeleteUnnamedAsync(IReadOnlyCollection<BlobHash> blobs, Func<IReadOnlyList<BlobHash>, CancellationToken, Task> delete, CancellationToken ct)
    {
        foreach (var some in blobs.Chunk(AtOnce))
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await CloseGateAsync(connection, ct);
            var unnamed = await UnnamedAsync(connection, some, ct);
            if (unnamed.Count > 0) await DeleteAsync(unnamed, delete, transaction, ct);
        }
    }

    public async Task<bool> IsMarkedAsync(BlobHash blob, CancellationToken ct)
    {
        await using var command = source.CreateCommand("select exists (select from blob_keeps where sha256 = $1)");
        command.Parameters.Add(new() { Value = blob.Value });
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>When a blob's bytes came last; null: it has no row.</summary>
    public async Task<DateTime?> KeptAtAsync(BlobHash blob, CancellationToken ct)
    {
        await using var command = source.CreateCommand("select kept_at from blobs where sha256 = $1");
        command.Parameters.Add(new() { Value = blob.Value });
        return await command.ExecuteScalarAsync(ct) as DateTime?;
    }

    /// <summary>Calls <paramref name="delete"/> if the blob's bytes are still those that came then, and lets nobody bring others meanwhile.</summary>
    /// <returns>False: they came anew, or are coming.</returns>
    public async Task<bool> TakeAsync(BlobHash blob, DateTime kept, Func<IReadOnlyList<BlobHash>, CancellationToken, Task> delete, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await CloseGateAsync(connection, ct);
        await using (var same = new NpgsqlCommand("select exists (select from blobs where sha256 = $1 and kept_at = $2) and not exists (select from blob_keeps where sha256 = $1)", connection)
        { Parameters = { new() { Value = blob.Value }, new() { Value = kept } } })
            if (!(bool)(await same.ExecuteScalarAsync(ct))!) return false;
        await DeleteAsync([blob], delete, transaction, ct);
        return true;
    }

    /// <summary>Ends the marks of processes that used this spool. Only for one that is alone in it and keeps nothing yet.</summary>
    /// <returns>How many.</returns>
    public async Task<int> EndPredecessorsAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("delete from blob_keeps where spool = $1");
        command.Parameters.Add(new() { Value = _spool });
        return await command.ExecuteNonQueryAsync(ct);
    }

    public async Task ForgetAsync(CancellationToken ct)
    {
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new("delete from blob_keeps where since < $1") { Parameters = { new() { Value = time.GetUtcNow() - s_forgotten } } });
        batch.BatchCommands.Add(new("delete from blob_deletes where since < $1") { Parameters = { new() { Value = time.GetUtcNow() - s_late } } });
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What the last command answers.</summary>
    private static async Task<DateTime?> LastAsync(NpgsqlBatch batch, CancellationToken ct)
    {
        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        return await rows.ReadAsync(ct) ? await rows.GetFieldValueAsync<DateTime?>(0, ct) : null;
    }

    private static async Task CloseGateAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var close = new NpgsqlCommand($"select pg_advisory_xact_lock({Gate})", connection);
        await close.ExecuteNonQueryAsync(ct);
    }

    /// <summary>1. Note it, whatever becomes of this transaction. 2. Delete; those who wait at the gate wait no longer than it may take. 3. The store has
    /// answered: the note goes, and the gate opens.</summary>
    private async Task DeleteAsync(IReadOnlyList<BlobHash> blobs, Func<IReadOnlyList<BlobHash>, CancellationToken, Task> delete, NpgsqlTransaction transaction, CancellationToken ct)
    {
        // 1
        await using (var note = source.CreateCommand("insert into blob_deletes (sha256, since) select sha256, $2 from unnest($1) as told(sha256) on conflict (sha256) do update set since = excluded.since"))
        {
            note.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = ValuesOf(blobs) }, new() { Value = time.GetUtcNow() } });
            await note.ExecuteNonQueryAsync(ct);
        }
        Failpoint.Reach("delete.noted");
        // 2
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(ct))
        {
            patience.CancelAfter(s_patience);
            await delete(blobs, patience.Token);
        }
        Failpoint.Reach("delete.done");
        // 3
        await using (var done = new NpgsqlCommand("delete from blob_deletes where sha256 = any($1)", transaction.Connection, transaction) { Parameters = { new() { Value = ValuesOf(blobs) } } })
            await done.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task<IReadOnlyList<BlobHash>> UnnamedAsync(NpgsqlConnection connection, IReadOnlyCollection<BlobHash> blobs, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select sha256 from unnest($1) as asked(sha256) where not exists (select from blobs b where b.sha256 = asked.sha256)
                and not exists (select from blob_keeps k where k.sha256 = asked.sha256)
                and not exists (select from uploads u where u.sha256 = asked.sha256 and u.state <> 'complete')
            """, connection)
        { Parameters = { new() { Value = ValuesOf(blobs) } } };
        var unnamed = new List<BlobHash>();
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
            if (BlobHash.TryParse(rows.GetString(0), out var hash)) unnamed.Add(hash);
        return unnamed;
    }

    private static string[] ValuesOf(IReadOnlyCollection<BlobHash> blobs) => [.. blobs.Select(blob => blob.Value).Distinct()];

    private sealed class Mark(NpgsqlDataSource source, Guid id) : IAsyncDisposable
    {
        public Guid Id => id;

        public async ValueTask DisposeAsync()
        {
            try
            {
                await using var command = source.CreateCommand("delete from blob_keeps where id = $1");
                command.Parameters.Add(new() { Value = id });
                await command.ExecuteNonQueryAsync();
            }
            catch (NpgsqlException)
            {
                // It ends with the next start, or in two days; until then a sweep leaves the object alone.
            }
        }
    }
}
