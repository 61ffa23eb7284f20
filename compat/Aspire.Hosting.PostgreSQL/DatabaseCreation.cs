using Npgsql;

namespace Aspire.Hosting;

/// <summary>Gives a server the databases the model names. Safe to repeat.</summary>
internal static class DatabaseCreation
{
    public static async Task CreateMissingAsync(PostgresServerResource server, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(
            await ((IResourceWithConnectionString)server).GetConnectionStringAsync(cancellationToken)) { Pooling = false };
        await using var connection = new NpgsqlConnection(target.ConnectionString);
        await connection.OpenAsync(cancellationToken);

        foreach (var database in server.Databases.Values)
        {
            await using var create = new NpgsqlCommand($"create database \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
            try
            {
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
            // There is no "create database if not exists", and asking first would leave a race.
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
            {
            }
        }
    }
}
