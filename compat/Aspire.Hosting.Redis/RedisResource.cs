namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Redis server.</summary>
public class RedisResource : ContainerResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    private readonly ParameterResource _password;

    public RedisResource(string name, ParameterResource password) : base(name)
    {
        _password = password;
        PrimaryEndpoint = new(this, PrimaryEndpointName);
    }

    public EndpointReference PrimaryEndpoint { get; }

    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    public ParameterResource? PasswordParameter => _password;

    public bool TlsEnabled => PrimaryEndpoint.TlsEnabled;

    /// <summary><c>h:p,password=pw</c>, with TLS also <c>,ssl=true</c></summary>
    public ReferenceExpression ConnectionStringExpression => this.Redirected() is var other && other != this
        ? other.ConnectionStringExpression
        : ReferenceExpression.Create($"{Host}:{Port},password={_password}{PrimaryEndpoint.GetTlsValue(ReferenceExpression.Create($",ssl=true"), ReferenceExpression.Empty)}");

    /// <summary><c>redis://:pw@h:p</c>, the password percent-encoded.</summary>
    public ReferenceExpression UriExpression =>
        ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Scheme)}://:{_password:uri}@{Host}:{Port}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Password", ReferenceExpression.Create($"{_password}")),
        new("Uri", UriExpression),
    ];
}
