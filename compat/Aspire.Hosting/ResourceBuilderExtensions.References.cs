namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the consumer <c>ConnectionStrings__name</c>, and each part of the connection string as <c>NAME_PART</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] =
                new ConnectionStringReference(resource, optional);
            foreach (var (part, value) in resource.Redirected().GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{VariableName(name)}_{part.ToUpperInvariant()}"] = value;
            }
        });
    }

    /// <summary>Gives the consumer every endpoint of the service, as <c>services__name__scheme__n</c> and <c>NAME_ENDPOINT</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment =>
        builder.WithEnvironment(context => WriteEndpoints(context, source.Resource.Name, VariableName(source.Resource.Name), Referenced(source.Resource)));

    /// <summary>The same under another name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment =>
        builder.WithEnvironment(context => WriteEndpoints(context, name, name, Referenced(source.Resource)));

    /// <summary>The same for one endpoint only.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment =>
        builder.WithEnvironment(context =>
            WriteEndpoints(context, endpointReference.Resource.Name, VariableName(endpointReference.Resource.Name), [endpointReference]));

    private static IEnumerable<EndpointReference> Referenced(IResourceWithEndpoints resource) =>
        resource.GetEndpoints().Where(endpoint => !endpoint.EndpointAnnotation.ExcludeReferenceEndpoint);

    private static void WriteEndpoints(EnvironmentCallbackContext context, string serviceName, string prefix, IEnumerable<EndpointReference> endpoints)
    {
        var written = new Dictionary<string, int>();
        foreach (var endpoint in endpoints)
        {
            // Consumers look up http and https by scheme, any other endpoint by its name.
            var key = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
            var index = written.GetValueOrDefault(key);
            written[key] = index + 1;
            context.EnvironmentVariables[$"{prefix}_{VariableName(endpoint.EndpointName)}"] = endpoint;
            context.EnvironmentVariables[$"services__{serviceName}__{key}__{index}"] = endpoint;
        }
    }

    private static string VariableName(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}

/// <summary>A resource's connection string as a value. Missing is an error unless it is optional.</summary>
internal sealed record ConnectionStringReference(IResourceWithConnectionString Resource, bool Optional) : IExpressionValue, IValueWithReferences
{
    public string ValueExpression => Resource.ValueExpression;

    public IEnumerable<object> References => [Resource];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var value = await Resource.GetConnectionStringAsync(cancellationToken);
        return !string.IsNullOrEmpty(value) || Optional ? value : throw new DistributedApplicationException(
            $"The connection string of '{Resource.Name}' is empty. Set ConnectionStrings:{Resource.Name}.");
    }
}
