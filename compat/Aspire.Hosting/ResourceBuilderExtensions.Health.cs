using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Healthy only while the check of this key says so; the check is registered in the builder's services.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource =>
        builder.WithAnnotation(new HealthCheckAnnotation(key));

    /// <summary>Healthy only while a GET answers with the expected status.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">Default <c>/</c>.</param>
    /// <param name="statusCode">Default 200.</param>
    /// <param name="endpointName">Default: https where there is one, else http.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null,
        string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = endpointName is null ? PreferredHttpEndpoint(builder.Resource) : new EndpointReference(builder.Resource, endpointName);
        path ??= "/";
        var status = statusCode ?? 200;
        var key = string.Create(CultureInfo.InvariantCulture, $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{status}_check");
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key,
            services => new HttpHealthCheck(services.GetRequiredService<IHttpClientFactory>(), endpoint, path, status), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    /// <exception cref="DistributedApplicationException">The resource has no HTTP endpoint.</exception>
    private static EndpointReference PreferredHttpEndpoint(IResourceWithEndpoints resource) =>
        resource.GetEndpoints().FirstOrDefault(endpoint => endpoint.IsHttps)
        ?? resource.GetEndpoints().FirstOrDefault(endpoint => endpoint.IsHttp)
        ?? throw new DistributedApplicationException(
            $"'{resource.Name}' has no HTTP endpoint to ask for its health. Call WithHttpEndpoint before WithHttpHealthCheck.");
}
