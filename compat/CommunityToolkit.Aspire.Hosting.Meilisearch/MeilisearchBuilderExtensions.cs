using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds Meilisearch.</summary>
public static class MeilisearchBuilderExtensions
{
    private const string Image = "getmeili/meilisearch";
    private const string Tag = "v1.21";
    private const string DataFolder = "/meili_data";

    /// <summary>Adds a server; a master key <c>&lt;name&gt;-masterKey</c> is generated unless given.</summary>
    public static IResourceBuilder<MeilisearchResource> AddMeilisearch(this IDistributedApplicationBuilder builder, string name,
        IResourceBuilder<ParameterResource>? masterKey = null, int? port = null)
    {
        var server = new MeilisearchResource(name,
            masterKey?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-masterKey"));
        var key = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key,
            services => new MeilisearchHealthCheck(services.GetRequiredService<IHttpClientFactory>(), server), failureStatus: null, tags: null));

        return builder.AddResource(server)
            .WithImage(Image, Tag)
            .WithHttpEndpoint(port, targetPort: 7700, name: MeilisearchResource.PrimaryEndpointName)
            .WithEnvironment("MEILI_MASTER_KEY", server.MasterKeyParameter)
            .WithHealthCheck(key);
    }

    /// <summary>Keeps the server's data in a volume; without a name, in one of its own.</summary>
    public static IResourceBuilder<MeilisearchResource> WithDataVolume(this IResourceBuilder<MeilisearchResource> builder, string? name = null) =>
        builder.WithVolume(name ?? VolumeName.Of(builder, "data"), DataFolder);
}
