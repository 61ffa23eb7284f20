using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>What a service answers and under which policy: <c>GET /internal/routes</c>. The permission table is checked against it.</summary>
/// <param name="Methods">Empty: all.</param>
public sealed record RouteView(IReadOnlyList<string> Methods, string Pattern, string Policy);

internal static class RouteList
{
    public static void MapRouteList(this WebApplication app) =>
        app.MapGet("/internal/routes", Results<Ok<List<RouteView>>, ProblemHttpResult> (HttpContext context) =>
            // At the gateway's port everybody asks: who brings no internal token finds nothing, as below all of /internal.
            context.Features.Get<Caller>() is null ? Problem.RouteUnknown : TypedResults.Ok(Of(app))).RequireAuthorization(Policies.Open).ExcludeFromDescription();

    private static List<RouteView> Of(IEndpointRouteBuilder routes) =>
        [.. routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(endpoint => new RouteView(
            endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [],
            "/" + endpoint.RoutePattern.RawText?.TrimStart('/'),
            string.Join('+', endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy))))];
}
