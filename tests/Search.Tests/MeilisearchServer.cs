using System.Diagnostics;
using Meilisearch;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Search.Tests;

/// <summary>A real Meilisearch server on a port and folder of its own; the program is the one that <c>tools/fetch</c> checks.
/// It ends with the process, also when that is killed.</summary>
public sealed class MeilisearchServer : IAsyncDisposable
{
    private const string Key = "a-master-key-for-tests-alone";
    private readonly string _folder = Directory.CreateTempSubdirectory("zoo-test-meili-").FullName;
    private readonly int _port = FreePort.Find();
    private Process? _process;

    public string ConnectionString => $"Endpoint=http://127.0.0.1:{_port};MasterKey={Key}";

    /// <summary>The server as its operator sees it.</summary>
    public MeilisearchClient Client => new($"http://127.0.0.1:{_port}", Key);

    public static async Task<MeilisearchServer> StartAsync()
    {
        var server = new MeilisearchServer();
        await server.RunAsync();
        return server;
    }

    public async Task RunAsync()
    {
        _process = Process.Start(new ProcessStartInfo(await ProgramAsync(),
        [
            "--no-analytics", "--env", "production", "--http-addr", $"127.0.0.1:{_port}", "--master-key", Key,
            "--db-path", Path.Combine(_folder, "data"), "--max-indexing-memory", "128MiB", "--max-indexing-threads", "1", "--log-level", "ERROR",
        ])
        { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();   // a banner; nobody reads it
        _process.BeginErrorReadLine();
        // Whatever ends this process, kill -9 included, the server does not outlive it.
        Process.Start("setsid", ["bash", "-c",
            $"while kill -0 {Environment.ProcessId} 2>/dev/null && kill -0 {_process.Id} 2>/dev/null; do sleep 1; done; "
            + $"kill -0 {Environment.ProcessId} 2>/dev/null || {{ kill -9 {_process.Id}; rm -rf {_folder}; }}"]);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await Client.IsHealthyAsync(limit.Token)) await Task.Delay(20, limit.Token);
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> ProgramAsync()
    {
        using var fetch = Process.Start(new ProcessStartInfo(Path.Combine(SharedFolder.Repository, "tools", "fetch"), ["meilisearch"]) { RedirectStandardOutput = true })!;
        var path = await fetch.StandardOutput.ReadToEndAsync();
        await fetch.WaitForExitAsync();
        return fetch.ExitCode == 0 ? path.Trim() : throw new InvalidOperationException("tools/fetch meilisearch failed; its output says why.");
    }
}
