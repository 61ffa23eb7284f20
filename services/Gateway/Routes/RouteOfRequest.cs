using Yarp.ReverseProxy.Model;

namespace ZooPlatform.Gateway.Routes;

internal static class RouteOfRequest
{
    /// <summary>The row of the table that the request matched; null for the gateway's own paths.</summary>
    public static ZooRoute? FindRoute(this HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is { } route ? RouteTable.ById[route.Config.RouteId] : null;
}
