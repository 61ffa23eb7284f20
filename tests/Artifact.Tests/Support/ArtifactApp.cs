using System.Net.Http.Headers;
using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The service on a database and a data folder of its own, and people who use it.</summary>
public class ArtifactApp : IAsyncLifetime
{
    public const string PublicUrl = "http://zoo.test";

    private readonly ServiceApp<Program> _service = new();
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("zoo-test-artifact-");
    private int _names;

    public FakeIdentity Identity { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";

    /// <summary>The service's own parts.</summary>
    public IServiceProvider Services => _service.Services;

    /// <summary>Settings beside the usual ones.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    public string DataFolder => _data.FullName;

    /// <summary>Flips a bit of a blob at rest, behind the service's back.</summary>
    /// <returns>The blob's file.</returns>
    public string FlipBit(byte[] content, int at)
    {
        var hash = Repo.Hash(content);
        var path = Path.Combine(DataFolder, "artifact", "blobs", hash[..2], hash[2..4], hash);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);   // the service may be cutting it just now
        file.Position = at;
        file.WriteByte((byte)(content[at] ^ 0x10));
        return path;
    }

    public virtual async Task InitializeAsync()
    {
        Identity = await FakeIdentity.StartAsync();
        ConnectionString = await (await PostgresServer.Shared).CreateDatabaseAsync();
        _service.With("ConnectionStrings:artifactdb", ConnectionString).With("Platform:DataFolder", DataFolder)
            .With("services:identity:http:0", Identity.Address).With("Client:Token", "unread").With("Artifact:CheckpointBytes", "65536")
            .With("Platform:PublicUrl", PublicUrl).With("Artifact:PartBytes", "100000");
        foreach (var (key, value) in Settings) _service.With(key, value);
        _service.With(new UnorderedQueries());
        _service.Start();
    }

    public virtual async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await Identity.DisposeAsync();
        _data.Delete(recursive: true);
    }

    /// <summary>A name nobody has.</summary>
    public string Fresh(string stem = "kit") => $"{stem}-{Interlocked.Increment(ref _names)}";

    /// <summary>A new organisation.</summary>
    public Organisation AnOrganisation()
    {
        var organisation = new Organisation(Guid.CreateVersion7(), Fresh("acme"));
        Identity.Put(organisation.Id, OwnerKind.Organisation, organisation.Name);
        return organisation;
    }

    /// <summary>A new user, signed in.</summary>
    public Person AUser(Organisation? organisation = null, Role role = Role.Contributor, bool guest = false)
    {
        var (id, name) = (Guid.CreateVersion7(), Fresh("user"));
        Identity.Put(id, OwnerKind.User, name);
        var memberships = organisation is null ? null : new Dictionary<Guid, Role> { [organisation.Id] = role };
        Identity.Callers[id.ToString()] = TestTokens.ClaimsOf(id, name, memberships, guest);
        return new Person(id, name, ClientOf(TestTokens.User(id, name, memberships, guest: guest)));
    }

    /// <summary>The same user with another part in an organisation.</summary>
    public Person Again(Person person, Organisation? organisation, Role role = Role.Contributor, IReadOnlyList<Guid>? only = null, IReadOnlyList<string>? scopes = null)
    {
        var memberships = organisation is null ? null : new Dictionary<Guid, Role> { [organisation.Id] = role };
        Identity.Callers[person.Id.ToString()] = TestTokens.ClaimsOf(person.Id, person.Name, memberships, scopes: scopes, only: only);
        return person with { Http = ClientOf(TestTokens.User(person.Id, person.Name, memberships, scopes: scopes, only: only)) };
    }

    public HttpClient Anonymous() => ClientOf(TestTokens.Anonymous());

    public HttpClient AnAdministrator() => ClientOf(TestTokens.User(Guid.CreateVersion7(), Fresh("admin"), administrator: true));

    public HttpClient AService() => ClientOf(TestTokens.Service("catalog", Scopes.ArtifactReadAll));

    /// <summary>Shows redirects as they are; the factory's own clients follow them when Kestrel listens.</summary>
    private HttpClient ClientOf(string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _service.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = Bearer(token);
        return client;
    }

    /// <summary>A private repository of a new user.</summary>
    public async Task<(Person Owner, Repo Repo)> ARepositoryAsync(Visibility visibility = Visibility.Private)
    {
        var owner = AUser();
        return (owner, await owner.CreateAsync(owner.Name, Fresh(), visibility));
    }

    public int StoredFiles(string folder) => Directory.EnumerateFiles(Path.Combine(DataFolder, "artifact", folder), "*", SearchOption.AllDirectories).Count();

    public static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);
}

public sealed record Organisation(Guid Id, string Name);

public sealed record Person(Guid Id, string Name, HttpClient Http);
