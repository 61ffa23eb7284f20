using System.Net.Sockets;
using System.Text.Json;

namespace ZooPlatform.Cli.Platforms;

/// <summary>What a service says of itself at <c>/health</c>.</summary>
/// <param name="Status"><c>Healthy</c>, <c>Degraded</c>, <c>Unhealthy</c>; <c>Unreachable</c> when it does not answer.</param>
internal sealed record ServiceHealth(string Status, IReadOnlyDictionary<string, ServicePart>? Parts = null);

internal sealed record ServicePart(string Status, string? Detail = null);

/// <summary>All that can be seen of a platform from its machine: what its orchestrator wrote, what its services say, and the machine itself.</summary>
/// <param name="Services">By resource; asked at their own ports, so that it works while the gateway does not.</param>
/// <param name="FreeBytes">Of the data folder's disk; null: cannot be asked.</param>
/// <param name="PortIsTaken">While nothing runs: some other program listens where the gateway would.</param>
/// <param name="IsOlderBuild">What runs was started before the newest build.</param>
internal sealed record PlatformFacts(
    DataFolder Data, PlatformFile? Platform, bool Running, int Port, IReadOnlyDictionary<string, ServiceHealth> Services,
    long? FreeBytes, bool PortIsTaken, bool IsOlderBuild)
{
    public const int DefaultPort = 8080;

    /// <summary>Resources that speak a protocol of their own, not HTTP with <c>/health</c>.</summary>
    private static readonly string[] s_servers = ["postgres", "redis", "meilisearch"];

    public static async Task<PlatformFacts> GatherAsync(DataFolder data, CancellationToken ct)
    {
        var platform = PlatformFile.Read(data);
        var running = platform is { IsRunning: true };
        var port = platform is null ? DefaultPort : new Uri(platform.Url).Port;
        var asked = running
            ? (platform!.Resources ?? new Dictionary<string, ResourceState>()).Where(r => r.Value is { Pid: not null, Port: not null } && !s_servers.Contains(r.Key)).ToList()
            : [];
        var answers = await Task.WhenAll(asked.Select(r => AskAsync(r.Value.Port!.Value, ct)));
        return new PlatformFacts(
            data, platform, running, port, asked.Zip(answers).ToDictionary(pair => pair.First.Key, pair => pair.Second, StringComparer.Ordinal),
            FreeOn(data.Path), !running && await ListensAsync(port, ct), running && Builds.Newest(Repository.Root) > platform!.StartedAt);
    }

    private static async Task<ServiceHealth> AskAsync(int port, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(6) };
        try
        {
            using var answer = await http.GetAsync($"http://127.0.0.1:{port}/health", ct);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
            var parts = body.RootElement.TryGetProperty("parts", out var said) && said.ValueKind == JsonValueKind.Object
                ? said.EnumerateObject().ToDictionary(
                    part => part.Name, part => new ServicePart(Text(part.Value, "status") ?? "Unknown", Text(part.Value, "detail")), StringComparer.Ordinal)
                : null;
            return new ServiceHealth(Text(body.RootElement, "status") ?? "Unknown", parts);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new ServiceHealth("Unreachable");
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? FreeOn(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken ct)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>When this clone was last built.</summary>
internal static class Builds
{
    /// <summary>The newest time of the programs that a platform is made of; <see cref="DateTimeOffset.MinValue"/> when nothing was built.</summary>
    public static DateTimeOffset Newest(string root)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var services = Path.Combine(root, "services");
        return (Directory.Exists(services) ? Directory.GetDirectories(services) : []).Append(Path.Combine(root, "AppHost"))
            .Select(project => Path.Combine(project, "bin", configuration, "net10.0", $"ZooPlatform.{Path.GetFileName(project)}.dll"))
            .Where(File.Exists).Select(program => new DateTimeOffset(File.GetLastWriteTimeUtc(program), TimeSpan.Zero))
            .DefaultIfEmpty(DateTimeOffset.MinValue).Max();
    }
}
