using System.Net;
using System.Net.Http.Json;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Search.Tests;

/// <summary>The search on a real database and a real Meilisearch. Artifact and Catalog are the test, by their feeds.</summary>
public sealed class SearchApp : IAsyncLifetime
{
    public static readonly Guid Acme = Guid.CreateVersion7();

    private ServiceApp<Program> _search = null!;
    private string _database = "";

    public string ConnectionString => _database;

    public FeedOwner<RepositoryState> Artifact { get; private set; } = null!;
    public FeedOwner<ModelState> Catalog { get; private set; } = null!;
    public MeilisearchServer Meilisearch { get; private set; } = null!;
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>Of the organisation that owns everything here.</summary>
    public HttpClient Member { get; private set; } = null!;

    /// <summary>Signed in, and of no organisation.</summary>
    public HttpClient Outsider { get; private set; } = null!;

    /// <summary>An administrator of the instance, of no organisation.</summary>
    public HttpClient Administrator { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Meilisearch = await MeilisearchServer.StartAsync();
        Artifact = await FeedOwner<RepositoryState>.StartAsync();
        Catalog = await FeedOwner<ModelState>.StartAsync();
        _database = await (await PostgresServer.Shared).CreateDatabaseAsync();
        _search = new ServiceApp<Program>();
        _search.With("ConnectionStrings:searchdb", _database)
            .With("ConnectionStrings:meilisearch", Meilisearch.ConnectionString)
            .With("services:artifact:http:0", Artifact.Address.ToString())
            .With("services:catalog:http:0", Catalog.Address.ToString())
            .With("Client:Token", "of-no-interest-to-the-test");
        _search.Start();
        Anonymous = _search.As(TestTokens.Anonymous());
        Member = _search.As(TestTokens.User(Guid.CreateVersion7(), "ada", new Dictionary<Guid, Role> { [Acme] = Role.Reader }));
        Outsider = _search.As(TestTokens.User(Guid.CreateVersion7(), "eve"));
        Administrator = _search.As(TestTokens.User(Guid.CreateVersion7(), "root", administrator: true));
        await Eventually(async () => (await GetAsync(Anonymous, "q=")).StatusCode == HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        await _search.DisposeAsync();
        await Artifact.DisposeAsync();
        await Catalog.DisposeAsync();
        await Meilisearch.DisposeAsync();
    }

    public HttpClient NarrowedTo(Guid repository) => _search.As(TestTokens.User(Guid.CreateVersion7(), "ada", only: [repository]));

    /// <summary>A model of acme; told by both feeds, and waited for.</summary>
    public async Task<ModelState> AModel(string name, Visibility visibility = Visibility.Public, Func<ModelState, ModelState>? but = null)
    {
        var model = NewModel(name, visibility, but);
        Tell(model);
        await Eventually(async () => (await Find(Member, $"q={Uri.EscapeDataString($"\"{name}\"")}&pageSize=100")).Hits.Any(hit => hit.Id == model.Id));
        return model;
    }

    public static ModelState NewModel(string name, Visibility visibility = Visibility.Public, Func<ModelState, ModelState>? but = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var model = new ModelState(
            Guid.CreateVersion7(), "acme", name, visibility, Readers.Of(visibility, OwnerKind.Organisation, Acme, []), new string('a', 40), name,
            null, null, null, null, null, [], [], null, [], null, 1000, null, [], now, now);
        return but is null ? model : but(model);
    }

    public void Tell(ModelState model)
    {
        Artifact.Put(model.Id, Access(model));
        Catalog.Put(model.Id, model);
    }

    /// <summary>Artifact alone says that others may see it now.</summary>
    public void Show(ModelState model, Visibility visibility) =>
        Artifact.Put(model.Id, Access(model) with { Visibility = visibility, Readers = Readers.Of(visibility, OwnerKind.Organisation, Acme, []) });

    /// <summary>Keeps the index from being written, until disposed: takes the writer's lock, as another instance would that hangs.</summary>
    public async Task<IAsyncDisposable> HoldWriterAsync()
    {
        var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync();
        await using var take = new NpgsqlCommand($"""
            select pg_terminate_backend(pid) from pg_locks
            where locktype = 'advisory' and objid = {IndexWriter.LockKey} and database = (select oid from pg_database where datname = current_database());
            select pg_advisory_lock({IndexWriter.LockKey});
            """, connection);
        await take.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Many models at once, told by both feeds, and waited for.</summary>
    public async Task SomeModels(IReadOnlyCollection<ModelState> models, double seconds = 60)
    {
        foreach (var model in models) Tell(model);
        var ids = string.Join(',', models.Select(model => $"'{model.Id}'"));
        await Eventually(async () =>
        {
            await Task.Delay(100);
            return await SqlAsync<long>($"select count(*) from entries where not dirty and title is not null and readers is not null and id in ({ids})") == models.Count;
        }, seconds);
    }

    /// <summary>One value of the service's database.</summary>
    public async Task<T> SqlAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Names of all indexes of the server.</summary>
    public async Task<IReadOnlyList<string>> IndexesAsync() => [.. (await Meilisearch.Client.GetAllIndexesAsync()).Results.Select(index => index.Uid)];

    public static RepositoryState Access(ModelState model) => new(
        model.Id, Acme, OwnerKind.Organisation, model.Owner, model.Name, model.Visibility, null, model.Readers, model.Revision, model.CreatedAt, model.UpdatedAt);

    public static async Task<SearchAnswer> Find(HttpClient caller, string query)
    {
        using var answer = await GetAsync(caller, query);
        return await Read(answer);
    }

    public static async Task<SearchAnswer> Read(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<SearchAnswer>(ZooJson.Options))!;
    }

    public static Task<HttpResponseMessage> GetAsync(HttpClient caller, string query) => caller.GetAsync($"/api/v1/search?{query}");

    public static async Task ShouldBeProblem(HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        Assert.Equal(status, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<ProblemView>(ZooJson.Options);
        Assert.Equal($"urn:zoo:{type}", problem!.Type);
    }

    /// <summary>The answer; null while the index is being built, which is all that may keep a search from being answered.</summary>
    public static async Task<SearchAnswer?> FindUnlessRebuilding(HttpClient caller, string query)
    {
        using var answer = await GetAsync(caller, query);
        if (answer.StatusCode == HttpStatusCode.OK) return await Read(answer);
        await ShouldBeProblem(answer, HttpStatusCode.ServiceUnavailable, "search.rebuilding");
        Assert.NotNull(answer.Headers.RetryAfter);
        return null;
    }

    /// <summary>Asks until it is so, for at most this long; how long it took.</summary>
    public static async Task<TimeSpan> Eventually(Func<Task<bool>> isSo, double seconds = 30)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start).TotalSeconds > seconds) throw new TimeoutException($"It was not so after {seconds} s.");
            await Task.Delay(10);
        }
        return TimeProvider.System.GetElapsedTime(start);
    }
}
