using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>The one way out: connects to the services the AppHost named, to what the operator's own settings name, and to
/// nothing else. No redirects, no cookies, no proxy.</summary>
public static class GuardedHandler
{
    /// <param name="endpoints">Of an operator's settings.</param>
    public static SocketsHttpHandler Create(IConfiguration configuration, params Uri[] endpoints) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
        ConnectCallback = async (context, ct) =>
        {
            var target = context.DnsEndPoint;
            if (!Allowed(configuration, endpoints).Contains((target.Host.ToLowerInvariant(), target.Port)))
                throw new HttpRequestException($"This service may not connect to {target.Host}:{target.Port}: it is not among its references.");
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(target, ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static HashSet<(string Host, int Port)> Allowed(IConfiguration configuration, Uri[] endpoints) =>
        configuration.GetSection("services").GetChildren()
            .SelectMany(service => service.GetChildren()).SelectMany(scheme => scheme.GetChildren())
            .Where(address => address.Value is not null)
            .Select(address => new Uri(address.Value!)).Concat(endpoints)
            .Select(uri => (uri.Host.ToLowerInvariant(), uri.Port)).ToHashSet();
}
