using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>A request in its trace: the span's name, and the id that the caller is told.</summary>
internal static class Requests
{
    public const string IdHeader = "X-Request-Id";

    /// <summary>The trace's id: 32 hexadecimal digits, the same in every service that this request went through.</summary>
    public static string? TraceId => Activity.Current?.TraceId.ToString();

    /// <summary>Every answer carries <see cref="IdHeader"/>; the server's span gets the name and tags that .NET 10 leaves out.</summary>
    public static void UseRequestSpans(this WebApplication app) => app.Use(async (context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            context.Response.Headers[IdHeader] = context.Features.Get<IHttpActivityFeature>()?.Activity.TraceId.ToString() ?? TraceId ?? context.TraceIdentifier;
            return Task.CompletedTask;
        }, context);
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (span is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }
        if (IsPolling(context.Request.Path) && span.ParentId is null)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            await next(context);
            return;
        }
        span.SetTag("http.request.method", context.Request.Method);
        span.SetTag("url.path", LogText.Of(context.Request.Path.Value));
        await next(context);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        if (context.Response.StatusCode >= 500) span.SetStatus(ActivityStatusCode.Error);
    });

    private static bool IsPolling(PathString path) => path == "/health" || path == "/alive" || path == "/internal/changes";
}
