using Npgsql;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>Keeps sweeps away from objects that are on their way in. Objects have no inodes, so a sweep cannot see that the one it deletes is not
/// the one it judged; it is told instead.</summary>
/// <remarks>
/// Keeping: 1. mark the hash (<c>blob_keeps</c>), 2. put the object, 3. write its row, 4. take the mark away.
/// Deleting: rows are gone and committed; then, with the gate closed, whatever has no row, no mark and no upload under way is deleted.
/// Marking passes the gate, shared; deleting closes it, and it opens when the store has answered. Hence a mark is either there before the
/// sweep looks, and it stays away; or it comes after the delete is done, and the object that is put then stays. Between 3 and 4 both tell
/// of the object, and the sweep reads both in one statement. What is killed on the way leaves a mark, which is forgotten after two days.
/// A delete that broke off may still be carried out, so the gate then stays closed for some seconds longer.
/// </remarks>
internal sealed class KeepMarks(NpgsqlDataSource source, TimeProvider time)
{
    private const long Gate = 0x7A6F6F20;
    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(2), s_late = TimeSpan.FromSeconds(10);

    /// <summary>Step 1; disposing is step 4.</summary>
    public async Task<IAsyncDisposable> MarkAsync(IReadOnlyCollection<BlobHash> blobs, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        await using var batch = source.CreateBatch();   // one transaction
        batch.BatchCommands.Add(new($"select pg_advisory_xact_lock_shared({Gate})"));
        batch.BatchCommands.Add(new("insert into blob_keeps (id, sha256, since) select $1, sha256, $2 from unnest($3) as kept(sha256)")
        {
            Parameters = { new() { Value = id }, new() { Value = time.GetUtcNow() }, new() { Value = ValuesOf(blobs) } },
        });
        await batch.ExecuteNonQueryAsync(ct);
        return new Mark(source, id);
    }

    /// <summary>Calls <paramref name="delete"/> with those that nothing names, and lets nobody mark one of them meanwhile.</summary>
    public async Task DeleteUnnamedAsync(IReadOnlyCollection<BlobHash> blobs, Func<IReadOnlyList<BlobHash>, Task> delete, CancellationToken ct)
    {
        if (blobs.Count == 0) return;
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var close = new NpgsqlCommand($"select pg_advisory_xact_lock({Gate})", connection)) await close.ExecuteNonQueryAsync(ct);
        var unnamed = await UnnamedAsync(connection, blobs, ct);
        if (unnamed.Count == 0) return;
        try
        {
            await delete(unnamed);
        }
        catch (StoreUnreachableException)
        {
            await Task.Delay(s_late, time, ct);
            throw;
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
    public async Task<bool> TakeAsync(BlobHash blob, DateTime kept, Func<Task> delete, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var close = new NpgsqlCommand($"select pg_advisory_xact_lock({Gate})", connection)) await close.ExecuteNonQueryAsync(ct);
        await using (var same = new NpgsqlCommand("select exists (select from blobs where sha256 = $1 and kept_at = $2) and not exists (select from blob_keeps where sha256 = $1)", connection)
        { Parameters = { new() { Value = blob.Value }, new() { Value = kept } } })
            if (!(bool)(await same.ExecuteScalarAsync(ct))!) return false;
        await delete();
        return true;
    }

    public async Task ForgetAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("delete from blob_keeps where since < $1");
        command.Parameters.Add(new() { Value = time.GetUtcNow() - s_forgotten });
        await command.ExecuteNonQueryAsync(ct);
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
                // It is forgotten in two days; until then a sweep leaves the object alone.
            }
        }
    }
}
