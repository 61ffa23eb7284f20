using Microsoft.Extensions.Configuration;

// The whole system. `./zoo up` runs it on this machine; `--publisher manifest` writes it down for other places.
var builder = DistributedApplication.CreateBuilder(args);
var port = builder.Configuration.GetValue("ZOO_PORT", 8080);

// What an operator may say. Cookie names carry the instance, since cookies ignore ports.
var publicUrl = builder.AddParameter("public-url", builder.Configuration["Parameters:public-url"] ?? $"http://127.0.0.1:{port}");
var instance = builder.AddParameter("instance", builder.Configuration["Parameters:instance"] ?? $"zoo{port}", publishValueAsDefault: true);
var dataFolder = builder.AddParameterFromConfiguration("data-folder", "ZOO_DATA");
var keysSecret = builder.AddParameter("keys-secret", new GenerateParameterDefault { MinLength = 44, Special = false }, secret: true, persist: true);

// Servers. Where images come from is left to the container runtime.
var postgres = builder.AddPostgres("postgres").WithImageRegistry(null).WithDataVolume("zoo-postgres");
var redis = builder.AddRedis("redis").WithImageRegistry(null).WithEndpoint("tcp", endpoint => endpoint.UriScheme = "tcp");
var meilisearch = builder.AddMeilisearch("meilisearch").WithImageRegistry(null).WithDataVolume("zoo-meilisearch");

var identityDb = postgres.AddDatabase("identitydb");
var artifactDb = postgres.AddDatabase("artifactdb");
var catalogDb = postgres.AddDatabase("catalogdb");
var searchDb = postgres.AddDatabase("searchdb");
var benchmarkDb = postgres.AddDatabase("benchmarkdb");

// Services. Each owns its database; all ask Identity who a caller is.
var identity = Service<Projects.Identity>("identity")
    .WithReference(identityDb).WaitFor(identityDb)
    .WithReference(redis).WaitFor(redis)
    .WithEnvironment("Keys__Secret", keysSecret);   // seals private keys in the database

var artifact = Client<Projects.Artifact>("artifact")
    .WithReference(artifactDb).WaitFor(artifactDb);
if (builder.Configuration["ZOO_S3_BUCKET"] is { Length: > 0 })   // blobs in an object store, not in the data folder
{
    artifact.WithEnvironment("Artifact__S3__SecretKey", builder.AddParameterFromConfiguration("s3-secret-key", "ZOO_S3_SECRET_KEY", secret: true));
    foreach (var (variable, setting) in new[] { ("BUCKET", "Bucket"), ("PREFIX", "Prefix"), ("ENDPOINT", "Endpoint"), ("PUBLIC_ENDPOINT", "PublicEndpoint"), ("ACCESS_KEY", "AccessKey"), ("REGION", "Region"), ("REDIRECT", "Redirect") })
        if (builder.Configuration[$"ZOO_S3_{variable}"] is { Length: > 0 } value) artifact.WithEnvironment($"Artifact__S3__{setting}", value);
}
identity.WithReference(artifact);   // an organisation that owns repositories is not deleted

var catalog = Client<Projects.Catalog>("catalog")
    .WithReference(catalogDb).WaitFor(catalogDb)
    .WithReference(artifact);

var search = Client<Projects.Search>("search")
    .WithReference(searchDb).WaitFor(searchDb)
    .WithReference(meilisearch).WaitFor(meilisearch)
    .WithReference(artifact)
    .WithReference(catalog);

var benchmark = Client<Projects.Benchmark>("benchmark")
    .WithReference(benchmarkDb).WaitFor(benchmarkDb)
    .WithReference(artifact)
    .WithReference(catalog);
catalog.WithReference(benchmark);   // summaries flow back

var web = Client<Projects.Web>("web")
    .WithReference(artifact)
    .WithReference(catalog)
    .WithReference(search)
    .WithReference(benchmark);

// The one door.
var gateway = Client<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: port)
    .WithExternalHttpEndpoints()
    .WithReference(redis).WaitFor(redis)
    .WithReference(artifact).WaitFor(artifact)
    .WithReference(catalog).WaitFor(catalog)
    .WithReference(search).WaitFor(search)
    .WithReference(benchmark).WaitFor(benchmark)
    .WithReference(web).WaitFor(web);
web.WithReference(gateway);   // the API's description, which the gateway makes

builder.Build().Run();

// A project, what every one of them is told, and how it says that it is ready.
IResourceBuilder<ProjectResource> Service<TProject>(string name) where TProject : IProjectMetadata, new() => builder
    .AddProject<TProject>(name, launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithEnvironment("Platform__PublicUrl", publicUrl)
    .WithEnvironment("Platform__Instance", instance)
    .WithEnvironment("Platform__DataFolder", dataFolder);

// A service that is a client of Identity, with a secret that only the two know.
IResourceBuilder<ProjectResource> Client<TProject>(string name) where TProject : IProjectMetadata, new()
{
    var secret = builder.AddParameter($"{name}-secret", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
    identity.WithEnvironment($"Clients__{name}__Secret", secret);
    return Service<TProject>(name)
        .WithEnvironment("Client__Id", name)
        .WithEnvironment("Client__Secret", secret)
        .WithReference(identity).WaitFor(identity);
}
