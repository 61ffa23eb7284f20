using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace ZooPlatform.Tests.Support;

/// <summary>A whole platform, started by <c>zoo up --detach</c> on a data folder and port of its own; stopped and deleted when disposed.</summary>
public sealed class Platform : IAsyncDisposable
{
    private readonly string _data;

    private Platform(string data, int port, Circumstances? circumstances)
    {
        _data = data;
        Zoo = new Zoo(data, circumstances: circumstances);
        Url = $"http://127.0.0.1:{port}";
    }

    /// <summary>The command line of the first administrator.</summary>
    public Zoo Zoo { get; }

    public string Url { get; }

    /// <summary>What <c>zoo up --json</c> answered.</summary>
    public JsonElement Started { get; private set; }

    /// <param name="prepare">Gets the data folder before anything is in it.</param>
    public static async Task<Platform> StartAsync(Circumstances? circumstances = null, Action<string>? prepare = null)
    {
        var data = Directory.CreateTempSubdirectory("zoo-whole-").FullName;
        // PostgreSQL runs as another user when we are root, and must be able to walk in.
        File.SetUnixFileMode(data, (UnixFileMode)Convert.ToInt32("755", 8));
        prepare?.Invoke(data);
        var platform = new Platform(data, FreePort.Find(), circumstances);
        await platform.UpAsync();
        return platform;
    }

    /// <summary>Starts it again on the same data and port after <see cref="DownAsync"/>.</summary>
    public async Task UpAsync() => Started = await Zoo.JsonAsync("up", "--detach", "--port", new Uri(Url).Port.ToString(), "--data", _data);

    public async Task DownAsync()
    {
        var down = await Zoo.RunAsync("down", "--data", _data);
        Assert.True(down.ExitCode == 0, down.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A folder of its own in the data folder.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_data, "tests", $"{name}-{Guid.CreateVersion7():N}")).FullName;

    public string DataFile(params string[] parts) => Path.Combine([_data, .. parts]);

    /// <summary>The newest warnings and errors that its services logged, oldest first: what a failed test says of why.</summary>
    public string Warnings() => string.Join('\n', Directory.GetFiles(DataFile("logs"), "*.jsonl")
        .SelectMany(File.ReadLines).Where(line => line.Contains("\"level\":\"warning\"", StringComparison.Ordinal) || line.Contains("\"level\":\"error\"", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)   // each begins with its time
        .TakeLast(40).Select(line => line.Length <= 500 ? line : line[..500]));

    /// <summary>Every resource's process, as <c>platform.json</c> tells it; null while it has none.</summary>
    public IReadOnlyDictionary<string, int?> Processes()
    {
        using var platform = JsonDocument.Parse(File.ReadAllText(DataFile("platform.json")));
        return platform.RootElement.GetProperty("resources").EnumerateObject().ToDictionary(
            resource => resource.Name,
            resource => resource.Value.GetProperty("pid") is { ValueKind: JsonValueKind.Number } pid ? pid.GetInt32() : (int?)null);
    }

    /// <summary>Plain HTTP through the gateway.</summary>
    public HttpClient Http(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(90) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public string AdminToken
    {
        get
        {
            using var admin = JsonDocument.Parse(File.ReadAllText(DataFile("admin.json")));
            return admin.RootElement.GetProperty("token").GetString()!;
        }
    }

    /// <summary>An organisation that nobody else knows.</summary>
    public async Task<string> NewOrganisationAsync()
    {
        var name = $"o{Guid.CreateVersion7():N}"[..20] + Random.Shared.Next(1000, 9999);
        await Zoo.JsonAsync("org", "create", name);
        return name;
    }
}
