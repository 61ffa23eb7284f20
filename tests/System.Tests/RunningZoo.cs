using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>The whole platform, started once for these tests by <c>zoo up --detach</c> on a data folder and port of its own.</summary>
public sealed class RunningZoo : IAsyncLifetime
{
    private string _data = "";

    /// <summary>The command line of the first administrator.</summary>
    public Zoo Zoo { get; private set; } = null!;
    public string Url { get; private set; } = "";
    public JsonElement Started { get; private set; }

    public async Task InitializeAsync()
    {
        _data = Directory.CreateTempSubdirectory("zoo-system-").FullName;
        // PostgreSQL runs as another user when we are root, and must be able to walk in.
        File.SetUnixFileMode(_data, (UnixFileMode)Convert.ToInt32("755", 8));
        Zoo = new Zoo(_data);
        var port = FreePort();
        Started = await Zoo.JsonAsync("up", "--detach", "--port", $"{port}", "--data", _data);
        Url = $"http://127.0.0.1:{port}";
    }

    public async Task DisposeAsync()
    {
        var down = await Zoo.RunAsync("down", "--data", _data);
        Assert.True(down.ExitCode == 0, down.ToString());
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A folder of this test's own.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_data, "tests", $"{name}-{Guid.CreateVersion7():N}")).FullName;

    public string DataFile(params string[] parts) => Path.Combine([_data, .. parts]);

    /// <summary>Process of a resource, as <c>platform.json</c> tells it; null while it has none.</summary>
    public int? ProcessOf(string resource)
    {
        using var platform = JsonDocument.Parse(File.ReadAllText(DataFile("platform.json")));
        var pid = platform.RootElement.GetProperty("resources").GetProperty(resource).GetProperty("pid");
        return pid.ValueKind == JsonValueKind.Number ? pid.GetInt32() : null;
    }

    /// <summary>Kills a resource's process as <c>kill -9</c> does, and waits until another one is there and all is healthy.</summary>
    public async Task KillAsync(string resource)
    {
        var killed = ProcessOf(resource);
        Assert.NotNull(killed);
        System.Diagnostics.Process.GetProcessById(killed.Value).Kill();
        using var http = Http(null);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(90), async () =>
        {
            var now = ProcessOf(resource);
            Assert.NotNull(now);
            Assert.NotEqual(killed, now);
            using var health = await http.GetAsync("/health");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        });
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

    /// <summary>An organisation that no other test knows.</summary>
    public async Task<string> NewOrganisationAsync()
    {
        var name = $"o{Guid.CreateVersion7():N}"[..20] + Random.Shared.Next(1000, 9999);
        await Zoo.JsonAsync("org", "create", name);
        return name;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

[CollectionDefinition(Name)]
public sealed class OnARunningZoo : ICollectionFixture<RunningZoo>
{
    public const string Name = "a running zoo";
}
