using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>The service on real PostgreSQL with real workers, beside stand-ins for its neighbours. Limits are short, so that breaking
/// them is quick.</summary>
public sealed class BenchmarkApp : IAsyncLifetime
{
    private ServiceApp<Program> _service = new();
    private readonly string _data = Directory.CreateTempSubdirectory("zoo-benchmark-").FullName;
    private readonly Guid _acme = Guid.CreateVersion7();
    private readonly Guid _ada = Guid.CreateVersion7();

    public Neighbours Neighbours { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";

    /// <summary>Ada's fellow, who is in no organisation.</summary>
    public HttpClient As(Guid user) => _service.As(TestTokens.User(user, "ben"));

    /// <summary>A contributor of acme, which owns every repository made here.</summary>
    public HttpClient Ada => _service.As(TestTokens.User(_ada, "ada", new Dictionary<Guid, Role> { [_acme] = Role.Contributor }));

    /// <summary>Somebody who belongs to nothing.</summary>
    public HttpClient Stranger => _service.As(TestTokens.User(Guid.CreateVersion7(), "stranger"));

    public HttpClient Anonymous => _service.As(TestTokens.Anonymous());

    public HttpClient Service => _service.As(TestTokens.Service("catalog", Scopes.BenchmarkReadAll));

    public async Task InitializeAsync()
    {
        Neighbours = await Neighbours.StartAsync();
        var postgres = await PostgresServer.Shared;
        ConnectionString = await postgres.CreateDatabaseAsync();
        Start();
    }

    /// <summary>Ends the service and starts it again, on the same database and data folder.</summary>
    public async Task RestartAsync()
    {
        await _service.DisposeAsync();
        _service = new();
        Start();
    }

    private void Start() =>
        _service.With("ConnectionStrings:benchmarkdb", ConnectionString)
            .With("Platform:DataFolder", _data)
            .With("services:artifact:http:0", Neighbours.ArtifactUrl)
            .With("services:catalog:http:0", Neighbours.CatalogUrl)
            .With("Client:Token", "the neighbours here ask for none")
            .With("Benchmark:WorkerMemoryBytes", $"{1L << 30}")
            .With("Benchmark:RunOverhead", "00:00:05")
            .With("Benchmark:DefaultRunOverhead", "00:00:05")
            .With("Benchmark:InferenceLimit", "00:00:05")
            .With("Benchmark:Lease", "00:00:02")
            .With("Benchmark:MaxDeployments", "2")
            .Start();

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await Neighbours.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    internal async Task<T> InDatabaseAsync<T>(Func<BenchmarkDb, Task<T>> work)
    {
        await using var scope = _service.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<BenchmarkDb>());
    }

    internal T Get<T>() where T : notnull => _service.Services.GetRequiredService<T>();

    /// <summary>Processes with ONNX Runtime that descend from this one.</summary>
    public static IEnumerable<int> Workers() => Processes.WithDescendants(Environment.ProcessId).Where(process =>
        Processes.CommandLineOf(process) is var command && command.Split(' ')[0].EndsWith("/dotnet", StringComparison.Ordinal) && command.Contains("Benchmark.Worker.dll", StringComparison.Ordinal));

    /// <summary>A repository of acme with these files, told by Artifact only.</summary>
    public RepositoryState ARepository(Dictionary<string, byte[]> files, Visibility visibility = Visibility.Private, IReadOnlyList<GrantState>? grants = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var name = $"model-{Guid.CreateVersion7():N}";
        var readers = Readers.Of(visibility, OwnerKind.Organisation, _acme, (grants ?? []).Select(grant => grant.UserId));
        var state = new RepositoryState(Guid.CreateVersion7(), _acme, OwnerKind.Organisation, "acme", name, visibility, null, readers, "c0ffee", now, now, grants);
        Neighbours.Push(state, files);
        return state;
    }

    /// <summary>A repository of acme whose <c>model.onnx</c> Catalog found fit; its path.</summary>
    public async Task<string> AModel(Dictionary<string, byte[]> files, Visibility visibility = Visibility.Private, params string[] externalData) =>
        (await AFitModel(files, visibility, externalData)).Path;

    /// <summary>A private one in which single users were granted roles.</summary>
    public async Task<string> AModelOfOthersToo(Dictionary<string, byte[]> files, params GrantState[] grants) =>
        (await AFitModel(files, Visibility.Private, [], grants)).Path;

    /// <summary>As <see cref="AModel"/>, its default run cancelled: it would only take time.</summary>
    public async Task<RepositoryState> AModelWithoutRun(Dictionary<string, byte[]> files)
    {
        var (repository, path) = await AFitModel(files, Visibility.Private, []);
        var runs = await Ada.GetFromJsonAsync<Page<RunView>>($"/api/v1/runs?repository={path}", ZooJson.Options);
        await Ada.PostAsync($"/api/v1/runs/{Assert.Single(runs!.Items).Id}/cancel", null);   // 409 when it was quicker
        return repository;
    }

    private async Task<(RepositoryState Repository, string Path)> AFitModel(
        Dictionary<string, byte[]> files, Visibility visibility, string[] externalData, IReadOnlyList<GrantState>? grants = null)
    {
        var repository = ARepository(files, visibility, grants);
        var model = files["model.onnx"];
        Neighbours.Inspect(repository, new ModelFileState("model.onnx", Neighbours.Hash(model), model.Length, "onnx", true, null, externalData));
        var path = $"{repository.Owner}/{repository.Name}";
        await UntilAsync(async () => await Ada.GetAsync($"/api/v1/runs?repository={path}") is { StatusCode: HttpStatusCode.OK } answer
            && (await answer.Content.ReadFromJsonAsync<Page<RunView>>(ZooJson.Options))!.Items.Count > 0 ? path : null);
        return (repository, path);
    }

    /// <summary>A model that must not have its default run: it would keep the runner for as long as runs may take.</summary>
    public async Task<string> AHostileModel(Dictionary<string, byte[]> files)
    {
        var path = await AModel(files);
        var runs = await Ada.GetFromJsonAsync<Page<RunView>>($"/api/v1/runs?repository={path}", ZooJson.Options);
        Assert.Equal(HttpStatusCode.NoContent, (await Ada.PostAsync($"/api/v1/runs/{Assert.Single(runs!.Items).Id}/cancel", null)).StatusCode);
        return path;
    }

    public Task<string> ADigitsModel(Visibility visibility = Visibility.Private) => AModel(Kits.Digits, visibility);

    /// <summary>Waits until the repository is in the replica.</summary>
    public async Task KnownAsync(string path) =>
        await UntilAsync(async () => (await Ada.GetAsync($"/api/v1/runs?repository={path}")).StatusCode == HttpStatusCode.OK ? path : null);

    /// <summary>The run after it has ended.</summary>
    public async Task<RunView> EndedAsync(Guid run) => await UntilAsync(async () =>
        await Ada.GetFromJsonAsync<RunView>($"/api/v1/runs/{run}", ZooJson.Options) is { EndedAt: not null } ended ? ended : null);

    /// <summary>The runs of a repository, once all have ended.</summary>
    public async Task<RunView[]> RunsAsync(string path) => await UntilAsync(async () =>
    {
        var page = await Ada.GetFromJsonAsync<Page<RunView>>($"/api/v1/runs?repository={path}", ZooJson.Options);
        return page!.Items.Count > 0 && page.Items.All(run => run.EndedAt is not null) ? page.Items.ToArray() : null;
    });

    public async Task<RunView> QueueAsync(string path, RunSettings? settings = null)
    {
        using var answer = await Ada.PostAsJsonAsync("/api/v1/runs", new CreateRun(path, Settings: settings), ZooJson.Options);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<RunView>(ZooJson.Options))!;
    }

    public static async Task ShouldBeProblem(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Equal($"urn:zoo:{type}", JsonDocument.Parse(text).RootElement.GetProperty("type").GetString());
    }

    public static async Task<T> UntilAsync<T>(Func<Task<T?>> look) where T : class
    {
        for (var i = 0; i < 600; i++)
        {
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("It did not happen within 30 s.");
    }
}

[CollectionDefinition(Name)]
public sealed class OneBenchmark : ICollectionFixture<BenchmarkApp>
{
    public const string Name = "one benchmark service";
}
