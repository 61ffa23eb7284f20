using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds PostgreSQL.</summary>
public static class PostgresBuilderExtensions
{
    private const string Image = "library/postgres";
    private const string Tag = "18.3";

    /// <summary>Adds a server; user <c>postgres</c> and a generated password <c>&lt;name&gt;-password</c> unless given.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name,
        IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        var server = new PostgresServerResource(name, userName?.Resource,
            password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password"));
        return builder.AddResource(server)
            .WithImage(Image, Tag)
            .WithEndpoint(port, targetPort: 5432, name: PostgresServerResource.PrimaryEndpointName)
            .WithEnvironment("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256")
            .WithEnvironment("POSTGRES_USER", server.UserNameReference)
            .WithEnvironment("POSTGRES_PASSWORD", server.PasswordParameter)
            .WithConnectionCheck()
            .OnResourceReady((_, _, cancellationToken) => DatabaseCreation.CreateMissingAsync(server, cancellationToken));
    }

    /// <summary>Adds a database; <paramref name="databaseName"/> is its name in the server where it differs.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name,
        string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        var added = builder.ApplicationBuilder.AddResource(database);
        builder.Resource.AddDatabase(name, database.DatabaseName);
        return added.WithConnectionCheck();
    }

    /// <summary>Keeps the server's data in a volume; without a name, in one of its own.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null,
        bool isReadOnly = false) =>
        builder.WithVolume(name ?? VolumeName.Of(builder, "data"), DataFolder(builder.Resource), isReadOnly);

    /// <summary>Keeps the server's data in a folder of the machine; relative to the AppHost.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataBindMount(this IResourceBuilder<PostgresServerResource> builder, string source,
        bool isReadOnly = false) =>
        builder.WithBindMount(source, DataFolder(builder.Resource), isReadOnly);

    private static IResourceBuilder<T> WithConnectionCheck<T>(this IResourceBuilder<T> builder) where T : IResourceWithConnectionString
    {
        var key = $"{builder.Resource.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key,
            new PostgresHealthCheck(builder.Resource), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    /// <summary>From 18 on the image keeps a folder for each major version below the old place.</summary>
    private static string DataFolder(PostgresServerResource server) =>
        server.TryGetLastAnnotation<ContainerImageAnnotation>(out var image)
        && int.TryParse(image.Tag?.Split('.')[0], out var major) && major < 18
            ? "/var/lib/postgresql/data"
            : "/var/lib/postgresql";
}
