using System.Diagnostics;
using Npgsql;
using Xunit;

namespace ZooPlatform.Tests.Support;

/// <summary>A reader's side of a feed, looked at from its database: for the tests of every service that follows one.</summary>
/// <param name="source">Whose feed: <c>artifact</c>.</param>
/// <param name="content">Queries that tell all that the reader's replica holds, but for versions and times of its own.</param>
public sealed class Replica(string connectionString, string source, params string[] content)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits until the reader has applied this sequence; how long it took, and how long its longest transaction was.</summary>
    public async Task<(TimeSpan Time, TimeSpan LongestTransaction)> ReachAsync(long sequence)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var clock = Stopwatch.StartNew();
        var longest = TimeSpan.Zero;
        while (await ScalarAsync<long?>(database, $"select cursor from feed_cursors where source = '{source}'") is not { } cursor || cursor < sequence)
        {
            Assert.True(clock.Elapsed < s_patience, $"The reader of {source} did not reach {sequence} within {s_patience.TotalSeconds} s.");
            var open = await ScalarAsync<double?>(database, """
                select extract(epoch from max(clock_timestamp() - xact_start))::float8 from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                """);
            if (open is { } seconds && TimeSpan.FromSeconds(seconds) > longest) longest = TimeSpan.FromSeconds(seconds);
            await Task.Delay(20);
        }
        return (clock.Elapsed, longest);
    }

    /// <summary>Everything in the feed is applied once more; afterwards the replica is what it was before.</summary>
    /// <param name="start">Starts the reader where none is running; else the one that is there finds out when its owner answers next.</param>
    public async Task ShouldBearRepetitionAsync(Func<Task>? start = null)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var before = await TellAsync(database);
        var end = await ScalarAsync<long?>(database, $"select cursor from feed_cursors where source = '{source}'");
        Assert.NotNull(end);
        await ScalarAsync<object>(database, $"update feed_cursors set cursor = 0 where source = '{source}'");
        if (start is not null) await start();
        await ReachAsync(end.Value);
        Assert.Equal(before, await TellAsync(database));
        Assert.NotEmpty(before.Trim('[', ']', '\n'));
    }

    /// <summary>All that the replica holds.</summary>
    public async Task<string> TellAsync()
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        return await TellAsync(database);
    }

    private async Task<string> TellAsync(NpgsqlDataSource database)
    {
        var told = new List<string>();
        foreach (var query in content)
            told.Add((await ScalarAsync<string>(database, $"select coalesce(json_agg(row_to_json(q) order by q::text), '[]')::text from ({query}) q"))!);
        return string.Join('\n', told);
    }

    private static async Task<T?> ScalarAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? (T)value : default;
    }
}
