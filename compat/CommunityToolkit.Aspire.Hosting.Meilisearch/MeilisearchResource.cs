namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Meilisearch server.</summary>
public class MeilisearchResource : ContainerResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "http";

    public MeilisearchResource(string name, ParameterResource masterKey) : base(name)
    {
        MasterKeyParameter = masterKey;
        PrimaryEndpoint = new(this, PrimaryEndpointName);
    }

    public EndpointReference PrimaryEndpoint { get; }

    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    public ParameterResource MasterKeyParameter { get; }

    /// <summary><c>Endpoint=http://h:p;MasterKey=key</c></summary>
    public ReferenceExpression ConnectionStringExpression => this.Redirected() is var other && other != this
        ? other.ConnectionStringExpression
        : ReferenceExpression.Create($"Endpoint=http://{Host}:{Port};MasterKey={MasterKeyParameter}");

    public ReferenceExpression UriExpression => ReferenceExpression.Create($"http://{Host}:{Port}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("MasterKey", ReferenceExpression.Create($"{MasterKeyParameter}")),
        new("Uri", UriExpression),
    ];
}
