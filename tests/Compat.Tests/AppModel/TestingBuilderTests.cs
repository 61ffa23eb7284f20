using Aspire.Hosting.Testing;
using Microsoft.Extensions.Hosting;

namespace ZooPlatform.Compat.Tests.AppModel;

public sealed class TestingBuilderTests
{
    [Fact]
    public async Task The_AppHosts_entry_point_runs_up_to_Build_and_hands_over_what_it_described()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--ZOO_PORT", "18080"]);
        await using var app = await builder.BuildAsync();

        Assert.Equal(Projects.AppHost.ProjectPath, builder.AppHostDirectory);
        Assert.Equal(["artifact", "benchmark", "catalog", "gateway", "identity", "search", "web"],
            builder.Resources.OfType<ProjectResource>().Select(project => project.Name).Order());
        Assert.Equal(["artifactdb", "benchmarkdb", "catalogdb", "identitydb", "searchdb"],
            builder.Resources.OfType<PostgresDatabaseResource>().Select(database => database.Name).Order());
        var external = Assert.Single(builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()), endpoint => endpoint.IsExternal);
        Assert.Equal(18080, external.Port);
    }

    [Fact]
    public async Task Before_the_start_an_endpoint_has_no_address_and_an_unknown_name_is_told()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>();
        await using var app = await builder.BuildAsync();

        Assert.Throws<InvalidOperationException>(() => app.GetEndpoint("gateway"));
        Assert.Contains("gateway", Assert.Throws<ArgumentException>(() => app.CreateHttpClient("gatway")).Message);
        await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("web"));
    }

    [Fact]
    public async Task An_entry_point_that_throws_is_the_tests_error()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() =>
            DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--publisher", "nobody"]));

        Assert.Contains("nobody", error.Message);
    }

    [Fact]
    public async Task Options_can_be_changed_before_the_builder_is_made()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([],
            (_, settings) => settings.EnvironmentName = "Rehearsal");

        Assert.Equal("Rehearsal", builder.Environment.EnvironmentName);
        Assert.True(builder.Environment.IsEnvironment("Rehearsal"));
    }
}
