using ZooPlatform.Cli.Credentials;

namespace ZooPlatform.Cli.Clients;

/// <summary>One zoo's public API, a client for each noun. Every call throws <see cref="ApiRefusal"/> when the zoo
/// refuses and <see cref="Refusal"/> when it cannot be reached.</summary>
internal sealed class ZooClient : IDisposable
{
    private readonly ZooHttp http;

    public ZooClient(Connection connection, TimeProvider time)
    {
        Connection = connection;
        http = new ZooHttp(connection, time);
        Users = new UsersClient(http);
        Organisations = new OrganisationsClient(http);
        Tokens = new TokensClient(http);
        Repositories = new RepositoriesClient(http);
        Revisions = new RevisionsClient(http);
        Storage = new StorageClient(http);
        Refs = new RefsClient(http);
        Blobs = new BlobsClient(http);
        Uploads = new UploadsClient(http);
        Models = new ModelsClient(http);
        Search = new SearchClient(http);
        Runs = new RunsClient(http);
        Inference = new InferenceClient(http);
    }

    public Connection Connection { get; }

    public UsersClient Users { get; }

    public OrganisationsClient Organisations { get; }

    public TokensClient Tokens { get; }

    public RepositoriesClient Repositories { get; }

    public RevisionsClient Revisions { get; }

    public StorageClient Storage { get; }

    public RefsClient Refs { get; }

    public BlobsClient Blobs { get; }

    public UploadsClient Uploads { get; }

    public ModelsClient Models { get; }

    public SearchClient Search { get; }

    public RunsClient Runs { get; }

    public InferenceClient Inference { get; }

    public void Dispose() => http.Dispose();
}
