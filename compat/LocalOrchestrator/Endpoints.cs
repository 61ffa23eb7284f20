using System.Data.Common;
using System.Globalization;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>Gives every endpoint of the model its address for this run.</summary>
/// <remarks>Nothing proxies: a process listens itself on the port that others connect to.</remarks>
internal static class Endpoints
{
    private const string Loopback = "127.0.0.1";

    /// <exception cref="DistributedApplicationException">A port that the model asks for is in use.</exception>
    public static void Allocate(IResource resource, Ports ports)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            // A container's target port is one inside the container; a program's is the one it really listens on.
            var asked = resource is ContainerResource ? endpoint.Port : endpoint.TargetPort ?? endpoint.Port;
            if (asked is { } port && !Ports.IsFree(port))
            {
                throw new DistributedApplicationException(
                    $"Port {port}, which '{resource.Name}' needs, is in use by another program. Stop that, or choose another port with --port.");
            }
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, Loopback, asked ?? ports.Next());
        }
    }

    /// <summary>The addresses of a server that already runs are those in its connection string.</summary>
    public static void AllocateGiven(IResource server, string connectionString)
    {
        var (host, port) = AddressIn(connectionString);
        foreach (var endpoint in server.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, host, port ?? endpoint.TargetPort ?? 0);
        }
    }

    /// <summary>Reads <c>Host=h;Port=p</c> (PostgreSQL), <c>Endpoint=http://h:p</c> or a URL (Meilisearch), <c>h:p,...</c> (Redis).</summary>
    internal static (string Host, int? Port) AddressIn(string connectionString)
    {
        if (Uri.TryCreate(connectionString, UriKind.Absolute, out var url) && url.Host.Length > 0)
        {
            return (url.Host, url.Port);
        }
        if (!connectionString.Contains('='))
        {
            return HostAndPort(connectionString);
        }
        if (connectionString.IndexOf(',') is > 0 and var comma && connectionString.IndexOf('=') > comma)
        {
            return HostAndPort(connectionString[..comma]);
        }
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (parts.TryGetValue("Endpoint", out var endpoint))
        {
            return AddressIn((string)endpoint);
        }
        return (parts.TryGetValue("Host", out var host) ? (string)host : Loopback,
            parts.TryGetValue("Port", out var port) ? int.Parse((string)port, CultureInfo.InvariantCulture) : null);
    }

    private static (string Host, int? Port) HostAndPort(string text) =>
        text.Split(':') is [var host, var port] ? (host, int.Parse(port, CultureInfo.InvariantCulture)) : (text, null);
}
