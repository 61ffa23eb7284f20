using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a resource listens. The orchestrator fills <see cref="AllocatedEndpoint"/> before anyone asks for the address.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private string? _transport;

    public EndpointAnnotation(ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null,
        int? port = null, int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? ProtocolName;
        Name = name ?? UriScheme;
        ModelName.Check(Name, "endpoint");
        _transport = transport;
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    public string UriScheme { get; set; }

    /// <summary><c>http</c> or <c>http2</c> for HTTP, otherwise the protocol.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : ProtocolName);
        set => _transport = value;
    }

    /// <summary>The port others connect to; null lets the orchestrator choose.</summary>
    public int? Port { get; set; }

    /// <summary>The port the process listens on; null lets the orchestrator choose.</summary>
    public int? TargetPort { get; set; }

    public string TargetHost { get; set; } = "localhost";

    /// <summary>True when callers from outside the system may connect.</summary>
    public bool IsExternal { get; set; }

    public bool IsProxied { get; set; }

    public bool TlsEnabled { get; set; }

    /// <summary>True leaves this endpoint out when a consumer references the whole resource.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>Where it really listens; null until the orchestrator has allocated it.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }

    internal string ProtocolName => Protocol == ProtocolType.Udp ? "udp" : "tcp";
}

/// <summary>The address an endpoint was given for this run.</summary>
public class AllocatedEndpoint
{
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(port);
        Endpoint = endpoint;
        Address = address;
        Port = port;
    }

    public EndpointAnnotation Endpoint { get; }

    /// <summary>A host name or an IP address.</summary>
    public string Address { get; }

    public int Port { get; }

    public string UriScheme => Endpoint.UriScheme;

    /// <summary><c>host:port</c></summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary><c>scheme://host:port</c></summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    public override string ToString() => UriString;
}
