using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Gateway.Forwarding;

/// <summary>The route table as YARP takes it. A cluster is a service, at the address the AppHost gave.</summary>
internal static class Destinations
{
    public static IReadOnlyList<RouteConfig> Routes { get; } = [.. RouteTable.All.Select(route => new RouteConfig
    {
        RouteId = route.Id,
        ClusterId = route.Service,
        Match = new RouteMatch { Path = route.Pattern, Methods = route.Methods },
        MaxRequestBodySize = route.MaxBodyBytes ?? -1,
        AuthorizationPolicy = Policies.Forwarded,
    })];

    /// <remarks>HTTP/1.1: in clear text Kestrel offers HTTP/2 only on a port that speaks nothing else. Which is faster here was not measured.</remarks>
    public static IReadOnlyList<ClusterConfig> Clusters(IConfiguration configuration, GatewayOptions options) =>
        [.. RouteTable.All.Select(route => route.Service).Distinct().Select(service => new ClusterConfig
        {
            ClusterId = service,
            Destinations = new Dictionary<string, DestinationConfig>
            {
                [service] = new() { Address = ServiceClients.AddressOf(configuration, service).ToString() },
            },
            HttpRequest = new ForwarderRequestConfig
            {
                Version = System.Net.HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = options.SilenceLimit,
            },
        })];
}
