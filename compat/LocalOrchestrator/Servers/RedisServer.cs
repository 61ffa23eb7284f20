using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Servers;

/// <summary>Redis on loopback. It holds only what may be lost, so it is small, drops the least used, and saves now and then.</summary>
internal sealed class RedisServer(string name, string folder, int port, string password, string? configuredProgram) : ILocalServer
{
    public Task<Launch> PrepareAsync(CancellationToken ct)
    {
        var program = configuredProgram ?? Executables.Find("redis-server") ?? throw new DistributedApplicationException(
            "Redis is not installed. Install the package redis-server, set ZOO_REDIS_SERVER to the program, "
            + $"or set ConnectionStrings__{name} to a running server.");
        Directory.CreateDirectory(folder, DataFolder.Private);
        return Task.FromResult(new Launch
        {
            Name = name,
            FileName = program,
            Arguments = ["-"],           // settings from standard input: the password stays out of the process list
            StandardInput = $"""
                bind 127.0.0.1
                port {port}
                requirepass {Quoted(password)}
                save 60 1
                maxmemory 128mb
                maxmemory-policy allkeys-lru

                """,
            WorkingDirectory = folder,
            DeathSignal = Signal.Term,
        });
    }

    private static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
