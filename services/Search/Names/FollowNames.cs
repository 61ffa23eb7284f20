using Npgsql;

namespace ZooPlatform.Search.Names;

/// <summary>Keeps the names in memory as <c>entries</c> has them, whichever instance wrote there: the table tells what changed.</summary>
/// <remarks>
/// 1. Listen. 2. Read all names, so that nothing is missed. 3. Read again what is told, for ever; when the connection breaks begin at 1.
/// Until they were read the second look finds nothing; names that are behind are found or not, but shown by the index alone.
/// </remarks>
internal sealed class FollowNames(
    NearNames names, NpgsqlDataSource database, TimeProvider time, ILogger<FollowNames> logger) : BackgroundService
{
    private const int BatchSize = 5000;
    private const string Columns = "select id, title, name, readers from entries where readers is not null and title is not null";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.NamesLost(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var told = new HashSet<Guid>();
        connection.Notification += (_, change) => told.Add(Guid.Parse(change.Payload));
        await using (var listen = new NpgsqlCommand("listen names", connection)) await listen.ExecuteNonQueryAsync(ct);
        await ReadAllAsync(ct);
        while (true)
        {
            await connection.WaitAsync(ct);
            foreach (var changed in told.Chunk(BatchSize)) await ReadAsync(changed, ct);
            told.Clear();
        }
    }

    private async Task ReadAllAsync(CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var gone = names.Ids().ToHashSet();
        var after = Guid.Empty;
        int read;
        do
        {
            await using var command = database.CreateCommand($"{Columns} and id > $1 order by id limit {BatchSize}");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
            var batch = await RowsAsync(command, ct);
            names.Put(batch);
            gone.ExceptWith(batch.Select(model => model.Id));
            read = batch.Count;
            after = read > 0 ? batch[^1].Id : after;
        }
        while (read == BatchSize);
        names.Remove(gone);
        logger.NamesRead(names.Ids().Count, time.GetElapsedTime(start).TotalMilliseconds);
    }

    private async Task ReadAsync(Guid[] changed, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"{Columns} and id = any($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = changed });
        var there = await RowsAsync(command, ct);
        names.Put(there);
        names.Remove(changed.Except(there.Select(model => model.Id)));
    }

    private static async Task<List<NamedModel>> RowsAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var models = new List<NamedModel>();
        while (await rows.ReadAsync(ct))
            models.Add(new NamedModel(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetFieldValue<string[]>(3)));
        return models;
    }
}
