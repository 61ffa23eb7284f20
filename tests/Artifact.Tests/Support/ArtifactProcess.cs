using System.Diagnostics;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The real service as a process of its own, to be killed and started again on the same data.</summary>
public class ArtifactProcess : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("zoo-test-artifact-");
    private readonly int _port = FreePort.Find();
    private FakeIdentity _identity = null!;
    private string _connectionString = "";
    private Process? _process;

    public string DataFolder => _data.FullName;

    /// <summary>A file that names the place at which the service is to die.</summary>
    public string Failpoint => Path.Combine(DataFolder, "failpoint");

    public int Id => _process!.Id;

    /// <summary>How long garbage stays.</summary>
    protected virtual string Grace => "7.00:00:00";

    /// <summary>Settings beside the usual ones.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>From how many bytes on the store takes a blob in parts; 0: it does not.</summary>
    public virtual int PartBytes => 0;

    /// <summary>What the service is started by: a program and its arguments, that become the service.</summary>
    protected virtual IReadOnlyList<string> Wrapper => ["env"];

    public virtual async Task InitializeAsync()
    {
        _identity = await FakeIdentity.StartAsync();
        _connectionString = await (await PostgresServer.Shared).CreateDatabaseAsync();
        await RunAsync();
    }

    /// <summary>Not the copy beside the tests: this one is precompiled, and starts in a third of the time.</summary>
    private static string Program => Path.Combine(SharedFolder.Repository, "services", "Artifact", "bin", Zoo.Configuration, "net10.0", "ZooPlatform.Artifact.dll");

    public async Task RunAsync()
    {
        var start = new ProcessStartInfo(Wrapper[0], [.. Wrapper.Skip(1), "dotnet", Program])
        {
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}", ["ASPNETCORE_ENVIRONMENT"] = "Production", ["ConnectionStrings__artifactdb"] = _connectionString,
                ["Platform__DataFolder"] = DataFolder, ["Platform__PublicUrl"] = ArtifactApp.PublicUrl, ["services__identity__http__0"] = _identity.Address, ["Client__Token"] = "unread",
                ["Auth__Jwks"] = TestTokens.Jwks, ["Artifact__CheckpointBytes"] = "65536", ["Logging__LogLevel__Default"] = "Warning",
                ["ZOO_FAILPOINT"] = Failpoint, ["Storage__Grace"] = Grace,
            },
        };
        foreach (var (key, value) in Settings) start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        _process = Process.Start(start)!;
        using var http = new HttpClient();
        for (var i = 0; i < 600 && !_process.HasExited; i++)
        {
            try
            {
                if ((await http.GetAsync($"http://127.0.0.1:{_port}/health")).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
            }
            await Task.Delay(50);
        }
        throw new TimeoutException("Artifact died at its start, or did not become healthy within 30 s.");
    }

    /// <summary>Has it died by itself? Who saw its connections break may be a little early.</summary>
    public async Task<bool> DiedAsync()
    {
        using var patience = new CancellationTokenSource(300);
        await _process!.WaitForExitAsync(patience.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        return _process.HasExited;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Changes the database behind the service's back.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string table)
    {
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var command = source.CreateCommand($"select count(*) from {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public HttpClient AnAdministrator()
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        http.DefaultRequestHeaders.Authorization = ArtifactApp.Bearer(TestTokens.User(Guid.CreateVersion7(), "admin", administrator: true));
        return http;
    }

    /// <summary>A new user with a private repository.</summary>
    public async Task<Repo> ARepositoryAsync()
    {
        var (id, name) = (Guid.CreateVersion7(), $"user-{Guid.CreateVersion7():N}");
        _identity.Put(id, OwnerKind.User, name);
        _identity.Callers[id.ToString()] = TestTokens.ClaimsOf(id, name);
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        http.DefaultRequestHeaders.Authorization = ArtifactApp.Bearer(TestTokens.User(id, name));
        return await new Person(id, name, http).CreateAsync(name, "kit");
    }

    public HttpClient Anonymous()
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        http.DefaultRequestHeaders.Authorization = ArtifactApp.Bearer(TestTokens.Anonymous());
        return http;
    }

    public virtual async Task DisposeAsync()
    {
        await KillAsync();
        _process!.Dispose();
        await _identity.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
