using System.Diagnostics;
using Npgsql;

namespace ZooPlatform.Tests.Support;

/// <summary>One real PostgreSQL for all tests of a process, without fsync; a database for each class that asks.
/// It ends with the process, also when that is killed.</summary>
public sealed class PostgresServer
{
    private static readonly Lazy<Task<PostgresServer>> s_shared = new(StartAsync);
    private int _databases;

    private PostgresServer(string folder, int port)
    {
        Folder = folder;
        Port = port;
    }

    public static Task<PostgresServer> Shared => s_shared.Value;

    public string Folder { get; }
    public int Port { get; }

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {name}", connection);
        await create.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>Stops the server at once, as a crash would.</summary>
    public Task StopAsync() => ControlAsync("stop -m immediate");

    public Task RestartAsync() => ControlAsync($"start -w -l {Folder}/log -o \"{Options}\"");

    private string Options => $"-p {Port} -k {Folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300";

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Maximum Pool Size=20;Timeout=5";

    private static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("zoo-test-pg-").FullName;
        if (Environment.UserName == "root") await RunAsync($"chown postgres {folder}");
        var server = new PostgresServer(folder, FreePort.Find());
        await RunAsync($"{As} {Binaries}/initdb -D {folder}/data -A trust -U postgres --locale=C.UTF-8 -E UTF8 --no-sync >/dev/null");
        await server.RestartAsync();
        // Whatever ends this process, kill -9 included, the server does not outlive it.
        Process.Start(new ProcessStartInfo("setsid", ["bash", "-c",
            $"while kill -0 {Environment.ProcessId} 2>/dev/null; do sleep 1; done; {As} {Binaries}/pg_ctl -D {folder}/data stop -m immediate; rm -rf {folder}"])
        { RedirectStandardOutput = true, RedirectStandardError = true });
        return server;
    }

    private Task ControlAsync(string arguments) => RunAsync($"{As} {Binaries}/pg_ctl -D {Folder}/data {arguments} >/dev/null");

    private static string As => Environment.UserName == "root" ? "runuser -u postgres --" : "";

    private static string Binaries { get; } =
        Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => $"{version}/bin").FirstOrDefault(Directory.Exists)
        ?? throw new InvalidOperationException("PostgreSQL's server is missing: run ./zoo test, which installs it.");

    private static async Task RunAsync(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true, WorkingDirectory = "/" })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {error}");
    }
}
