using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Catalog.Tests;

/// <summary>The catalog on a real database. Artifact and Benchmark are the test: what it pushes is told by feed and read by ranges.</summary>
public sealed class CatalogApp : IAsyncLifetime
{
    public static readonly Guid Acme = Guid.CreateVersion7();

    private readonly ConcurrentDictionary<string, Dictionary<string, byte[]>> _revisions = new();
    private readonly ConcurrentDictionary<Guid, RepositoryState> _repositories = new();
    private FeedOwner<RepositoryState> _artifact = null!;
    private ServiceApp<Program> _catalog = null!;
    private long _servedBytes;

    public FeedOwner<RunSummaryState> Benchmark { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>Of the organisation that owns everything here.</summary>
    public HttpClient Member { get; private set; } = null!;

    /// <summary>Signed in, and of no organisation.</summary>
    public HttpClient Outsider { get; private set; } = null!;

    /// <summary>A service that follows the catalog's feed.</summary>
    public HttpClient Follower { get; private set; } = null!;

    /// <summary>Bytes of files that the catalog fetched.</summary>
    public long ServedBytes => Interlocked.Read(ref _servedBytes);

    /// <summary>Artifact answers 503 to everything about content.</summary>
    public bool ContentIsAway { get; set; }

    public async Task InitializeAsync()
    {
        _artifact = await FeedOwner<RepositoryState>.StartAsync(MapContent);
        Benchmark = await FeedOwner<RunSummaryState>.StartAsync();
        _catalog = new ServiceApp<Program>();
        ConnectionString = await (await PostgresServer.Shared).CreateDatabaseAsync();
        _catalog.With("ConnectionStrings:catalogdb", ConnectionString)
            .With("services:artifact:http:0", _artifact.Address.ToString())
            .With("services:benchmark:http:0", Benchmark.Address.ToString())
            .With("Platform:PublicUrl", "http://zoo.test")
            .With("Client:Token", "of-no-interest-to-the-test")
            .With("Catalog:MaxFiles", "150");
        _catalog.Start();
        Anonymous = _catalog.As(TestTokens.Anonymous());
        Member = _catalog.As(TestTokens.User(Guid.CreateVersion7(), "ada", new Dictionary<Guid, Role> { [Acme] = Role.Contributor }));
        Outsider = _catalog.As(TestTokens.User(Guid.CreateVersion7(), "eve"));
        Follower = _catalog.As(TestTokens.Service("search", Scopes.CatalogReadAll));
    }

    public async Task DisposeAsync()
    {
        await _catalog.DisposeAsync();
        await _artifact.DisposeAsync();
        await Benchmark.DisposeAsync();
    }

    /// <summary>A caller whose token is good for one repository alone.</summary>
    public HttpClient NarrowedTo(Guid repository) => _catalog.As(TestTokens.User(Guid.CreateVersion7(), "ada", only: [repository]));

    /// <summary>Pushes files to a new repository of acme, or a new revision of one, and waits until the catalog has read it.</summary>
    public async Task<ModelView> Push(string name, Visibility visibility, params (string Path, byte[] Bytes)[] files)
    {
        var pushed = Tell(name, visibility, files);
        return await Eventually(async () => await Find(Member, name) is { Inspecting: false } model && model.Revision == pushed.Head ? model : null);
    }

    /// <summary>Pushes and waits for nothing.</summary>
    public RepositoryState Tell(string name, Visibility visibility, params (string Path, byte[] Bytes)[] files)
    {
        var now = TimeProvider.System.GetUtcNow();
        var known = _repositories.Values.SingleOrDefault(repository => repository.Name == name);
        var revision = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        var state = new RepositoryState(
            known?.Id ?? Guid.CreateVersion7(), Acme, OwnerKind.Organisation, "acme", name, visibility, "What acme says of it.",
            Readers.Of(visibility, OwnerKind.Organisation, Acme, []), files.Length == 0 ? null : revision, known?.CreatedAt ?? now, now);
        _revisions[$"{state.Id}/{revision}"] = files.ToDictionary(file => file.Path, file => file.Bytes);
        _repositories[state.Id] = state;
        _artifact.Put(state.Id, state);
        return state;
    }

    public void Show(Guid id, Visibility visibility)
    {
        var state = _repositories[id] with { Visibility = visibility, Readers = Readers.Of(visibility, OwnerKind.Organisation, Acme, []) };
        _repositories[id] = state;
        _artifact.Put(id, state);
    }

    public void Delete(Guid id)
    {
        _repositories.TryRemove(id, out _);
        _artifact.Delete(id);
    }

    /// <summary>Artifact's feed tells of this many new, empty repositories at once, as after a long time out of reach; its end.</summary>
    public long TellMany(int count)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var i in Enumerable.Range(0, count))
        {
            var id = Guid.CreateVersion7();
            _artifact.Put(id, new RepositoryState(
                id, Acme, OwnerKind.Organisation, "acme", $"many-{i}", Visibility.Public, null, [Readers.Public], null, now, now));
        }
        return _artifact.Sequence;
    }

    /// <summary>Artifact's database was restored: another feed id, and only these repositories.</summary>
    public void RestoreArtifact()
    {
        _artifact.Replace();
        foreach (var repository in _repositories.Values) _artifact.Put(repository.Id, repository);
    }

    public static async Task<ModelView?> Find(HttpClient caller, string name)
    {
        using var answer = await caller.GetAsync($"/api/v1/models/acme/{name}");
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await Read<ModelView>(answer);
    }

    public async Task<ChangePage<ModelState>> Changes(long after = 0)
    {
        using var answer = await Follower.GetAsync($"/internal/changes?after={after}&limit=1000");
        return await Read<ChangePage<ModelState>>(answer);
    }

    public static async Task<T> Read<T>(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<T>(ZooJson.Options))!;
    }

    public static async Task ShouldBeProblem(HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<ProblemView>(ZooJson.Options);
        Assert.Equal($"urn:zoo:{type}", problem!.Type);
    }

    /// <summary>Asks until there is an answer, for at most 30 s.</summary>
    public static async Task<T> Eventually<T>(Func<Task<T?>> ask) where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
        {
            if (await ask() is { } answer) return answer;
            await Task.Delay(20);
        }
        throw new TimeoutException("It did not happen within 30 s.");
    }

    // Speaks the two routes of Artifact that the catalog reads content by.
    private void MapContent(WebApplication artifact)
    {
        artifact.MapGet("/internal/repositories/{id:guid}/revisions/{revision}/tree", (Guid id, string revision) =>
        {
            if (ContentIsAway) return Results.StatusCode(503);
            if (!_repositories.ContainsKey(id) || !_revisions.TryGetValue($"{id}/{revision}", out var files)) return Results.NotFound();
            var entries = files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => new TreeEntryView(
                file.Key, "file", Convert.ToHexStringLower(SHA256.HashData(file.Value)), file.Value.Length, false, false, new string('0', 40)));
            return Results.Json(new Page<TreeEntryView>([.. entries]), ZooJson.Options);
        });
        artifact.MapGet("/internal/repositories/{id:guid}/revisions/{revision}/files/{**path}", (Guid id, string revision, string path, HttpRequest request) =>
        {
            if (ContentIsAway) return Results.StatusCode(503);
            if (!_revisions.TryGetValue($"{id}/{revision}", out var files) || !files.TryGetValue(path, out var bytes)) return Results.NotFound();
            var range = request.GetTypedHeaders().Range?.Ranges.Single();
            Interlocked.Add(ref _servedBytes, range is null ? bytes.Length : range.To!.Value - range.From!.Value + 1);
            return Results.Bytes(bytes, "application/octet-stream", enableRangeProcessing: true);
        });
    }
}
