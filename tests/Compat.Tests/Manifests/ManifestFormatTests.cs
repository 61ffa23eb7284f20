namespace ZooPlatform.Compat.Tests.Manifests;

public sealed class ManifestFormatTests
{
    private static readonly string[] Publish = ["--publisher", "manifest", "--output-path", "aspire-manifest.json"];

    private sealed class CatalogProject : IProjectMetadata
    {
        public string ProjectPath => "/shop/Shop.Catalog/Shop.Catalog.csproj";
    }

    private sealed class GatewayProject : IProjectMetadata
    {
        public string ProjectPath => "/shop/Shop.Gateway/Shop.Gateway.csproj";
    }

    [Fact]
    public async Task The_manifest_of_the_shop_is_what_Aspire_writes_member_for_member()
    {
        var builder = DistributedApplication.CreateBuilder(Publish);
        var postgres = builder.AddPostgres("postgres").WithImageRegistry(null).WithImageTag("17.6").WithDataVolume("shop-pg-data");
        var catalogDb = postgres.AddDatabase("catalogdb");
        var redis = builder.AddRedis("redis").WithImageRegistry(null).WithPersistence().WithEndpoint("tcp", endpoint => endpoint.UriScheme = "tcp");
        var catalog = builder.AddProject<CatalogProject>("catalog", launchProfileName: null).WithHttpEndpoint()
            .WithReference(catalogDb).WithReference(redis).WaitFor(catalogDb);
        builder.AddProject<GatewayProject>("gateway", launchProfileName: null).WithHttpEndpoint().WithExternalHttpEndpoints()
            .WithReference(catalog).WithReplicas(2);

        var written = await ManifestText.OfAsync(builder.Build(), "/shop/AppHost/aspire-manifest.json");

        Assert.Equal(ManifestText.InOneLayout(await Expected()), ManifestText.InOneLayout(written));
    }

    [Fact]
    public async Task Parameters_executables_mounts_and_connection_strings_have_their_own_forms()
    {
        var builder = DistributedApplication.CreateBuilder(Publish);
        var key = builder.AddParameter("key", secret: true);
        var mail = builder.AddConnectionString("mail");
        builder.AddConnectionString("joined", ReferenceExpression.Create($"Host=a;Key={key:uri};Braces={"{x}"}"));
        builder.AddContainer("tool", "tool", "1").WithBindMount("/shop/in", "/in", isReadOnly: true).WithVolume("tool-data", "/data")
            .WithEndpoint(port: 70, name: "first").WithEndpoint(name: "second");
        builder.AddExecutable("worker", "run", "/shop/worker", "--now").WithEnvironment("MAIL", mail).WithHttpEndpoint(port: 81, env: "PORT");

        var written = ManifestText.InOneLayout(await ManifestText.OfAsync(builder.Build(), "/shop/aspire-manifest.json"));

        Assert.Equal(ManifestText.InOneLayout("""
            { "resources": {
              "key": { "type": "parameter.v0", "value": "{key.inputs.value}", "inputs": { "value": { "type": "string", "secret": true } } },
              "mail": { "type": "parameter.v0", "connectionString": "{mail.value}", "value": "{mail.inputs.value}",
                        "inputs": { "value": { "type": "string", "secret": true } } },
              "joined": { "type": "value.v0", "connectionString": "Host=a;Key={key-uri-encoded.value};Braces={{x}}" },
              "tool": { "type": "container.v0", "image": "tool:1",
                        "bindMounts": [ { "source": "in", "target": "/in", "readOnly": true } ],
                        "volumes": [ { "name": "tool-data", "target": "/data", "readOnly": false } ],
                        "bindings": { "first": { "scheme": "tcp", "protocol": "tcp", "transport": "tcp", "targetPort": 70 },
                                      "second": { "scheme": "tcp", "protocol": "tcp", "transport": "tcp", "targetPort": 8000 } } },
              "worker": { "type": "executable.v0", "workingDirectory": "worker", "command": "run", "args": [ "--now" ],
                          "env": { "MAIL": "{mail.connectionString}", "PORT": "{worker.bindings.http.targetPort}" },
                          "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "port": 81, "targetPort": 8001 } } },
              "key-uri-encoded": { "type": "annotated.string", "value": "{key.value}", "filter": "uri" }
            } }
            """), written);
    }

    [Theory]
    [InlineData("redis", "cond-redis-bindings-tcp-tlsenabled-d148d83a")]
    [InlineData("basketcache", "cond-basketcache-bindings-tcp-tlsenabled-8c2280ff")]
    [InlineData("cache", "cond-cache-bindings-tcp-tlsenabled-3eddb73a")]
    public async Task A_conditional_value_has_the_name_Aspire_gives_it(string name, string expected)
    {
        var builder = DistributedApplication.CreateBuilder(Publish);
        builder.AddRedis(name);

        Assert.Contains($"\"{expected}\"", await ManifestText.OfAsync(builder.Build(), "/m.json"));
    }

    [Theory]
    [InlineData("--publisher", "manifest")]
    [InlineData("--operation", "publish", "--step", "publish-manifest")]
    public async Task Both_command_lines_write_the_file_into_the_folder_they_name(params string[] command)
    {
        var folder = Directory.CreateTempSubdirectory("zoo-manifest-");
        try
        {
            await DistributedApplication.CreateBuilder([.. command, "--output-path", folder.FullName]).Build().RunAsync();

            Assert.Contains("resources", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "aspire-manifest.json")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Publishing_without_a_place_says_which_option_is_missing()
    {
        var app = DistributedApplication.CreateBuilder(["--publisher", "manifest"]).Build();

        var refused = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.RunAsync());

        Assert.Contains("--output-path", refused.Message);
    }

    [Fact]
    public void An_unknown_publisher_is_refused_by_name()
    {
        var refused = Assert.Throws<DistributedApplicationException>(() => DistributedApplication.CreateBuilder(["--publisher", "smoke-signals"]));

        Assert.Contains("smoke-signals", refused.Message);
    }

    private static async Task<string> Expected()
    {
        using var reader = new StreamReader(typeof(ManifestFormatTests).Assembly.GetManifestResourceStream("shop.json")!);
        return await reader.ReadToEndAsync();
    }
}
