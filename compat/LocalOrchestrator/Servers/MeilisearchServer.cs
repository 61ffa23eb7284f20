using System.Globalization;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Servers;

/// <summary>
/// Meilisearch on loopback, with the memory of indexing bounded. A data folder belongs to one version of the server, so
/// the version is its name; another version begins empty and is filled again from the feeds.
/// </summary>
internal sealed class MeilisearchServer(string name, string folder, int port, string masterKey, string? configuredProgram)
    : ILocalServer
{
    public async Task<Launch> PrepareAsync(CancellationToken ct)
    {
        var program = configuredProgram ?? await FetchedTools.FindAsync("meilisearch", ct);
        var version = (await Command.RunAsync(program, ["--version"], ct)).Trim().Split(' ')[^1];
        var data = Path.Combine(folder, version);
        Directory.CreateDirectory(folder, DataFolder.Private);
        Directory.CreateDirectory(data);
        return new Launch
        {
            Name = name,
            FileName = program,
            Arguments =
            [
                "--no-analytics", "--env", "production",
                "--http-addr", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
                "--db-path", data,
                "--max-indexing-memory", "128MiB", "--max-indexing-threads", "1",
            ],
            Environment = new Dictionary<string, string>
            {
                ["MEILI_NO_ANALYTICS"] = "true",
                ["MEILI_MASTER_KEY"] = masterKey,        // not as an argument: the process list shows those to everybody
            },
            WorkingDirectory = folder,
            Keeps = data,
        };
    }
}
