using System.Diagnostics;
using System.Text.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>npm's @huggingface/hub as a peer of <c>zoo push</c>: the version that the tests install, uploading by Xet.</summary>
internal sealed class HubClient
{
    private readonly string _folder;

    private HubClient(string folder) => _folder = folder;

    public static async Task<HubClient> InstallAsync(string folder, CancellationToken ct)
    {
        var tests = Path.Combine(SharedFolder.Repository, "tests", "System.Tests", "HubClients", "huggingface-hub");
        foreach (var file in Directory.EnumerateFiles(tests, "package*.json")) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        File.Copy(Path.Combine(SharedFolder.Repository, "benchmarks", "Files", "hub-push.mjs"), Path.Combine(folder, "hub-push.mjs"));
        await RunAsync(folder, "npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], [], ct);
        return new HubClient(folder);
    }

    /// <returns>How many bytes of the file went.</returns>
    public async Task<long> PushAsync(Platform platform, string repository, string file, CancellationToken ct)
    {
        var told = await RunAsync(_folder, "node", ["hub-push.mjs"],
            new() { ["ZOO_URL"] = platform.Url, ["TOKEN"] = platform.AdminToken, ["REPOSITORY"] = repository, ["FILE"] = file }, ct);
        return JsonDocument.Parse(told.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("sent").GetInt64();
    }

    private static async Task<string> RunAsync(string folder, string program, string[] arguments, Dictionary<string, string> settings, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await error}");
    }
}
