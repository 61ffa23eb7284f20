namespace ZooPlatform.Compat.Tests.AppModel;

public sealed class ValueTests
{
    [Fact]
    public async Task Connection_strings_and_urls_are_put_together_when_endpoints_have_addresses()
    {
        var builder = DistributedApplication.CreateBuilder(["--Parameters:pg-password", "p w/1", "--Parameters:cache_password", "secret", "--Parameters:find-masterKey", "key"]);
        var postgres = builder.AddPostgres("pg");
        var database = postgres.AddDatabase("shopdb", databaseName: "shop");
        var redis = builder.AddRedis("cache");
        var meilisearch = builder.AddMeilisearch("find");
        Allocate(postgres.Resource, 1001);
        Allocate(redis.Resource, 1002);
        Allocate(meilisearch.Resource, 1003);

        Assert.Equal("Host=127.0.0.1;Port=1001;Username=postgres;Password=p w/1;Database=shop", await Text(database.Resource.ConnectionStringExpression));
        Assert.Equal("127.0.0.1:1002,password=secret", await Text(redis.Resource.ConnectionStringExpression));
        Assert.Equal("Endpoint=http://127.0.0.1:1003;MasterKey=key", await Text(meilisearch.Resource.ConnectionStringExpression));
        Assert.Equal("postgresql://postgres:p%20w%2F1@127.0.0.1:1001", await Text(postgres.Resource.UriExpression));

        redis.WithEndpoint("tcp", endpoint => endpoint.TlsEnabled = true);
        Assert.EndsWith(",ssl=true", await Text(redis.Resource.ConnectionStringExpression));
    }

    [Fact]
    public async Task A_service_gets_the_variables_of_everything_it_references()
    {
        var builder = DistributedApplication.CreateBuilder(["--Parameters:pg-password", "pw"]);
        var postgres = builder.AddPostgres("pg");
        var other = builder.AddProject<Projects.Catalog>("my-catalog", launchProfileName: null).WithHttpEndpoint().WithHttpEndpoint(name: "admin");
        var service = builder.AddProject<Projects.Search>("search", launchProfileName: null).WithHttpEndpoint()
            .WithReference(postgres.AddDatabase("shopdb"), connectionName: "main")
            .WithReference(other)
            .WithReference(other, "alias")
            .WithEnvironment("SELF", $"at {other.GetEndpoint("http").Property(EndpointProperty.HostAndPort)}!")
            .WithEnvironment("TWICE", "first").WithEnvironment("TWICE", "second");
        Allocate(postgres.Resource, 1001);
        Allocate(other.Resource, 1002);
        Allocate(service.Resource, 1003);

        var environment = await Environment(service.Resource);

        Assert.Equal("Host=127.0.0.1;Port=1001;Username=postgres;Password=pw;Database=shopdb", environment["ConnectionStrings__main"]);
        Assert.Equal("1001", environment["MAIN_PORT"]);
        Assert.Equal("shopdb", environment["MAIN_DATABASENAME"]);
        Assert.Equal("http://127.0.0.1:1002", environment["services__my-catalog__http__0"]);
        Assert.Equal("http://127.0.0.1:1002", environment["MY_CATALOG_HTTP"]);
        Assert.Equal("http://127.0.0.1:1002", environment["services__my-catalog__admin__0"]);
        Assert.Equal("http://127.0.0.1:1002", environment["services__alias__http__0"]);
        Assert.Equal("http://127.0.0.1:1002", environment["alias_HTTP"]);
        Assert.Equal("at 127.0.0.1:1002!", environment["SELF"]);
        Assert.Equal("second", environment["TWICE"]);
        Assert.Equal("http://127.0.0.1:1003", environment["ASPNETCORE_URLS"]);
        Assert.Equal("search", environment["OTEL_SERVICE_NAME"]);
    }

    [Fact]
    public async Task A_server_given_by_address_takes_the_place_of_the_described_one()
    {
        var builder = DistributedApplication.CreateBuilder();
        var postgres = builder.AddPostgres("pg");
        var database = postgres.AddDatabase("shopdb");
        var service = builder.AddProject<Projects.Search>("search", launchProfileName: null).WithReference(database);
        postgres.WithAnnotation(new ConnectionStringRedirectAnnotation(new ConnectionStringResource("given", ReferenceExpression.Create($"Host=db.example"))));

        var environment = await Environment(service.Resource);

        Assert.Equal("Host=db.example;Database=shopdb", environment["ConnectionStrings__shopdb"]);
        Assert.DoesNotContain("SHOPDB_HOST", environment.Keys);
    }

    [Fact]
    public async Task A_parameter_nobody_gives_says_which_setting_it_wants()
    {
        var parameter = DistributedApplication.CreateBuilder().AddParameter("mail-key", secret: true).Resource;

        var missing = await Assert.ThrowsAsync<MissingParameterValueException>(async () => await parameter.GetValueAsync(CancellationToken.None));

        Assert.Contains("Parameters:mail-key", missing.Message);
        Assert.Contains("Parameters__mail_key", missing.Message);
    }

    [Fact]
    public async Task A_generated_parameter_keeps_its_value_and_its_kinds_of_characters()
    {
        var parameter = DistributedApplication.CreateBuilder()
            .AddParameter("key", new GenerateParameterDefault { MinLength = 40, Special = false, Upper = false, MinNumeric = 5 }, secret: true).Resource;

        var value = await parameter.GetValueAsync(CancellationToken.None);

        Assert.Matches("^[a-z0-9]{40}$", value);
        Assert.True(value!.Count(char.IsAsciiDigit) >= 5);
        Assert.Equal(value, await parameter.GetValueAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("1st")]
    [InlineData("a--b")]
    [InlineData("a-")]
    [InlineData("a_b")]
    [InlineData("")]
    public void A_name_that_Aspire_would_refuse_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => DistributedApplication.CreateBuilder().AddParameter(name));

    [Fact]
    public void Two_resources_cannot_have_one_name()
    {
        var builder = DistributedApplication.CreateBuilder();
        builder.AddRedis("cache");

        Assert.Contains("'cache'", Assert.Throws<DistributedApplicationException>(() => builder.AddPostgres("Cache")).Message);
    }

    [Fact]
    public void Waiting_for_a_database_waits_for_its_server_too()
    {
        var builder = DistributedApplication.CreateBuilder();
        var postgres = builder.AddPostgres("pg");
        var database = postgres.AddDatabase("shopdb");
        var service = builder.AddProject<Projects.Search>("search", launchProfileName: null).WaitFor(database);

        Assert.Equal([postgres.Resource, database.Resource], service.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource));
        Assert.Throws<DistributedApplicationException>(() => service.WaitFor(service));
    }

    private static void Allocate(IResource resource, int port)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "127.0.0.1", port);
        }
    }

    private static ValueTask<string?> Text(ReferenceExpression expression) => expression.GetValueAsync(CancellationToken.None);

    private static async Task<Dictionary<string, string?>> Environment(IResource resource)
    {
        var texts = new Dictionary<string, string?>();
        var run = new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run);
        foreach (var (name, value) in await ResourceConfiguration.EnvironmentAsync(resource, run, CancellationToken.None))
        {
            texts[name] = await ResourceConfiguration.ValueAsync(value, CancellationToken.None);
        }

        return texts;
    }
}
