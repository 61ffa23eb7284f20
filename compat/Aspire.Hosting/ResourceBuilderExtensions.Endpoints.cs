using System.Net.Sockets;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds an endpoint, or changes the one of that name where an argument is not null.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port others connect to; null: chosen at start.</param>
    /// <param name="targetPort">The port the process listens on; null: chosen at start.</param>
    /// <param name="scheme">Default: the protocol.</param>
    /// <param name="name">Default: the scheme.</param>
    /// <param name="env">A variable that tells the process its port.</param>
    /// <param name="isProxied">Whether something may stand between; nothing does here.</param>
    /// <param name="isExternal">Whether callers from outside the system may connect.</param>
    /// <param name="protocol">Default: TCP.</param>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null,
        string? scheme = null, string? name = null, string? env = null, bool? isProxied = null, bool? isExternal = null,
        ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = new EndpointAnnotation(protocol ?? ProtocolType.Tcp, scheme, name: name, port: port, targetPort: targetPort,
            isExternal: isExternal, isProxied: isProxied ?? true);
        if (Find(builder.Resource, endpoint.Name) is { } existing)
        {
            existing.Port = port ?? existing.Port;
            existing.TargetPort = targetPort ?? existing.TargetPort;
            existing.UriScheme = scheme ?? existing.UriScheme;
            existing.IsProxied = isProxied ?? existing.IsProxied;
            existing.IsExternal = isExternal ?? existing.IsExternal;
            existing.Protocol = protocol ?? existing.Protocol;
        }
        else
        {
            builder.WithAnnotation(endpoint);
        }

        if (env is not null && builder.Resource is IResourceWithEnvironment)
        {
            var reference = new EndpointReference(builder.Resource, endpoint.Name);
            builder.WithAnnotation(new EnvironmentCallbackAnnotation(context =>
            {
                context.EnvironmentVariables[env] = reference.Property(EndpointProperty.TargetPort);
            }));
        }

        return builder;
    }

    /// <summary>Changes an endpoint, or adds it as a TCP endpoint first when there is none of that name.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback,
        bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var endpoint = Find(builder.Resource, endpointName);
        if (endpoint is null && createIfNotExists)
        {
            endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
            builder.WithAnnotation(endpoint);
        }

        if (endpoint is not null)
        {
            callback(endpoint);
        }

        return builder;
    }

    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null,
        string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env, isProxied);

    public static IResourceBuilder<T> WithHttpsEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null,
        string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "https", name, env, isProxied);

    /// <summary>Opens the HTTP endpoints there are to callers from outside.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.UriScheme is "http" or "https"))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    private static EndpointAnnotation? Find(IResource resource, string endpointName) => resource.Annotations.OfType<EndpointAnnotation>()
        .SingleOrDefault(endpoint => endpoint.Name.Equals(endpointName, StringComparison.OrdinalIgnoreCase));
}
