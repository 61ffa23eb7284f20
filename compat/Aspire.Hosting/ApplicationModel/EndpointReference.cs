using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Points at an endpoint of a resource by name, before the endpoint or its address need exist. As a value: the URL.</summary>
public sealed class EndpointReference : IExpressionValue, IValueWithReferences
{
    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(endpointName);
        Resource = owner;
        EndpointName = endpointName;
    }

    public IResourceWithEndpoints Resource { get; }

    public string EndpointName { get; }

    public bool Exists => Find() is not null;

    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    /// <exception cref="InvalidOperationException">The resource has no endpoint of that name.</exception>
    public EndpointAnnotation EndpointAnnotation => Find() ?? throw new InvalidOperationException(
        $"The resource '{Resource.Name}' has no endpoint '{EndpointName}'. Add it with WithEndpoint or WithHttpEndpoint.");

    public string Scheme => EndpointAnnotation.UriScheme;

    public bool IsHttp => Scheme == "http";

    public bool IsHttps => Scheme == "https";

    public bool TlsEnabled => EndpointAnnotation.TlsEnabled;

    public int? TargetPort => EndpointAnnotation.TargetPort;

    /// <exception cref="InvalidOperationException">No address was allocated yet.</exception>
    public string Host => Allocated.Address;

    /// <inheritdoc cref="Host" path="/exception"/>
    public int Port => Allocated.Port;

    /// <inheritdoc cref="Host" path="/exception"/>
    public string Url => Allocated.UriString;

    string IManifestExpressionProvider.ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    /// <summary>One expression where the endpoint speaks TLS, another where it does not.</summary>
    public ReferenceExpression GetTlsValue(ReferenceExpression enabledValue, ReferenceExpression disabledValue) =>
        ReferenceExpression.CreateConditional(Property(EndpointProperty.TlsEnabled), bool.TrueString, enabledValue, disabledValue);

    private AllocatedEndpoint Allocated => EndpointAnnotation.AllocatedEndpoint ?? throw new InvalidOperationException(
        $"The endpoint '{EndpointName}' of '{Resource.Name}' has no address yet. Ask after the system was started.");

    private EndpointAnnotation? Find() => Resource.Annotations.OfType<EndpointAnnotation>()
        .SingleOrDefault(endpoint => endpoint.Name.Equals(EndpointName, StringComparison.OrdinalIgnoreCase));
}

/// <summary>What can be asked of an endpoint.</summary>
public enum EndpointProperty
{
    Url,
    Host,
    IPV4Host,
    Port,
    Scheme,
    TargetPort,
    HostAndPort,
    TlsEnabled,
}

/// <summary>One property of an endpoint as a value.</summary>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression => Property switch
    {
        EndpointProperty.Url => Binding("url"),
        EndpointProperty.Host or EndpointProperty.IPV4Host => Binding("host"),
        EndpointProperty.Port => Binding("port"),
        EndpointProperty.Scheme => Binding("scheme"),
        EndpointProperty.TargetPort => Binding("targetPort"),
        EndpointProperty.HostAndPort => $"{Binding("host")}:{Binding("port")}",
        EndpointProperty.TlsEnabled => Binding("tlsEnabled"),
        _ => throw new InvalidOperationException($"An endpoint has no property '{Property}'."),
    };

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(Property switch
    {
        EndpointProperty.Url => Endpoint.Url,
        EndpointProperty.Host => Endpoint.Host,
        EndpointProperty.IPV4Host => Endpoint.Host == "localhost" ? "127.0.0.1" : Endpoint.Host,
        EndpointProperty.Port => Number(Endpoint.Port),
        EndpointProperty.Scheme => Endpoint.Scheme,
        // Nothing proxies here: unless said otherwise a process listens where others connect.
        EndpointProperty.TargetPort => Number(Endpoint.TargetPort ?? Endpoint.Port),
        EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port}",
        EndpointProperty.TlsEnabled => Endpoint.TlsEnabled.ToString(),
        _ => throw new InvalidOperationException($"An endpoint has no property '{Property}'."),
    });

    private string Binding(string member) => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{member}}}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
