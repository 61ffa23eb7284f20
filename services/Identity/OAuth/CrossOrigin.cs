using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Which other sites' pages may read answers: those a client is registered with, at the endpoints that take no cookie. Never
/// <c>/connect/authorize</c>, never with credentials.</summary>
internal static class CrossOrigin
{
    private static readonly HashSet<string> s_open = new(StringComparer.Ordinal)
    {
        "/connect/token", "/connect/revocation", "/connect/userinfo", "/connect/device", "/oauth/token", "/oauth/revocation", "/oauth/userinfo", "/oauth/device",
        "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource", "/.well-known/jwks.json",
    };

    public static void UseCrossOrigin(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (!s_open.Contains(context.Request.Path.Value ?? "") || context.Request.Headers.Origin is not [{ Length: > 0 and <= 300 } origin])
        {
            await next(context);
            return;
        }
        var headers = context.Response.Headers;
        headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        var db = context.RequestServices.GetRequiredService<IdentityDb>();
        if (!await db.Clients.AnyAsync(client => client.Origins.Contains(origin), context.RequestAborted))
        {
            await next(context);
            return;
        }
        headers.AccessControlAllowOrigin = origin;
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            await next(context);
            return;
        }
        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "Authorization, Content-Type";
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });

    /// <summary>May a client be registered with it? As browsers write it: scheme and host, no slash at the end.</summary>
    public static bool CanBeRegistered(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.GetLeftPart(UriPartial.Authority) == origin
        && (uri.Scheme == "https" || uri.IsLoopback);
}
