using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.ServiceDefaults.Data;

/// <summary>Brings the database to this version before the service listens or any worker begins: each script in a transaction of
/// its own, under one advisory lock, remembered with its hash. Waits while the database is out of reach.</summary>
internal sealed class MigrationsAtStart(
    NpgsqlDataSource source, IEnumerable<MigrationScript> scripts, TimeProvider time, ILogger<MigrationsAtStart> logger) : IHostedLifecycleService
{
    private const long LockKey = 0x7A6F6F01;

    public async Task StartingAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await MigrateAsync(ct);
                return;
            }
            catch (NpgsqlException e) when (Outages.IsDatabaseOutage(e) && !ct.IsCancellationRequested)
            {
                logger.WaitingForDatabase(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, ct);
            }
        }
    }

    public Task StartAsync(CancellationToken ct) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken ct) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken ct) => Task.CompletedTask;
    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken ct) => Task.CompletedTask;

    private async Task MigrateAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", ct);
        try
        {
            await ExecuteAsync(connection, """
                create table if not exists schema_migrations (
                    name text primary key, sha256 text not null, applied_at timestamptz not null default now())
                """, ct);
            var applied = await AppliedAsync(connection, ct);
            foreach (var script in scripts.OrderBy(script => script.Name, StringComparer.Ordinal))
                await ApplyAsync(connection, script, applied, ct);
        }
        finally
        {
            await ExecuteAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    private async Task ApplyAsync(NpgsqlConnection connection, MigrationScript script, Dictionary<string, string> applied, CancellationToken ct)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script.Sql)));
        if (applied.TryGetValue(script.Name, out var known))
        {
            if (known != hash)
                throw new InvalidOperationException($"Migration {script.Name} was changed after it was applied. Put the change in a new script.");
            return;
        }
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, script.Sql, ct);
        await using var insert = new NpgsqlCommand("insert into schema_migrations (name, sha256) values ($1, $2)", connection)
        {
            Parameters = { new() { Value = script.Name }, new() { Value = hash } },
        };
        await insert.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        logger.Migrated(script.Name);
    }

    private static async Task<Dictionary<string, string>> AppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var applied = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select name, sha256 from schema_migrations", connection);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct)) applied[rows.GetString(0)] = rows.GetString(1);
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}

internal static partial class Log
{
    [LoggerMessage(1101, LogLevel.Information, "Migration {Name} applied")]
    public static partial void Migrated(this ILogger logger, string name);

    [LoggerMessage(1102, LogLevel.Warning, "Waiting for the database: {Reason}")]
    public static partial void WaitingForDatabase(this ILogger logger, string reason);
}
