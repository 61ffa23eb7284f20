using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Gateway.Routes;

namespace ZooPlatform.Gateway.Callers;

/// <summary>Which other sites' pages may use the zoo from a browser: those that <see cref="GatewayOptions.AllowedOrigins"/> lists, with a token that the page
/// was given. Never with the browser's cookies (no <c>Access-Control-Allow-Credentials</c>), and never sign-in and pages: Identity says itself whom it lets.</summary>
internal static class CrossOrigin
{
    private const int MaxRequestedHeadersChars = 1000;

    public static void UseCrossOrigin(this WebApplication app)
    {
        var allowed = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.AllowedOrigins.ToHashSet(StringComparer.Ordinal);
        if (allowed.Count == 0) return;
        app.Use((context, next) =>
        {
            if (context.FindRoute() is not { Cookies: Cookies.None, Credentials: not Credentials.CallersOwn }) return next(context);
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.Origin);   // after what the service says
                return Task.CompletedTask;
            });
            if (context.Request.Headers.Origin is not [{ } origin] || !allowed.Contains(origin)) return next(context);
            var headers = context.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = "*";
            if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0) return next(context);
            headers.AccessControlAllowMethods = "GET, HEAD, POST, PUT, PATCH, DELETE";
            if (context.Request.Headers.AccessControlRequestHeaders is [{ Length: <= MaxRequestedHeadersChars } asked]) headers.AccessControlAllowHeaders = asked;
            headers.AccessControlMaxAge = "600";
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
    }

    /// <summary>As browsers write it: scheme and host, no slash at the end; without TLS only on this machine.</summary>
    public static bool CanBeAllowed(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.GetLeftPart(UriPartial.Authority) == origin
        && (uri.Scheme == "https" || uri.IsLoopback);
}
