namespace ZooPlatform.LocalOrchestrator.Tests;

/// <summary>Pieces of models that the tests run.</summary>
internal static class TestModels
{
    public static IResourceBuilder<PostgresDatabaseResource> AddServers(IDistributedApplicationBuilder builder)
    {
        var database = builder.AddPostgres("postgres").AddDatabase("catalogdb");
        builder.AddRedis("redis");
        builder.AddMeilisearch("meilisearch");
        return database;
    }

    public static IResourceBuilder<ExecutableResource> AddSleeper(IDistributedApplicationBuilder builder) =>
        builder.AddExecutable("sleeper", "sleep", "/", "1000");

    /// <summary>This assembly once more, as a web service.</summary>
    public static IResourceBuilder<ProjectResource> AddService(IDistributedApplicationBuilder builder, string name) =>
        builder.AddProject<ThisProject>(name, launchProfileName: null)
            .WithHttpEndpoint()
            .WithEnvironment("TEST_ROLE", "service")
            .WithHttpHealthCheck("/health");

    private sealed class ThisProject : IProjectMetadata
    {
        // <project>/bin/<configuration>/net10.0/
        public string ProjectPath { get; } =
            Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "LocalOrchestrator.Tests.csproj");
    }
}
