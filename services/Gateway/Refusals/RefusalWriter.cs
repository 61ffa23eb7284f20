using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace ZooPlatform.Gateway.Refusals;

/// <summary>Writes a refusal the way the route's protocol has it.</summary>
internal sealed class RefusalWriter(IOptions<PlatformOptions> platform)
{
    public Task WriteAsync(HttpContext context, ErrorShape shape, Refusal refusal)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = refusal.Status;
        response.Headers.CacheControl = "no-store";
        if (refusal.RetryAfter is { } wait) response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (refusal.Status == 401) response.Headers.WWWAuthenticate = Challenge(shape);
        if (shape == ErrorShape.Hub) response.Headers["X-Error-Message"] = refusal.Detail;
        if (shape == ErrorShape.GitLfs && refusal.Status == 401) response.Headers["LFS-Authenticate"] = "Basic realm=\"zoo\"";

        var (type, body) = shape switch
        {
            ErrorShape.Problem => ("application/problem+json", Json(new
            {
                type = $"urn:zoo:{refusal.Type}", title = ReasonPhrases.GetReasonPhrase(refusal.Status), status = refusal.Status, detail = refusal.Detail,
                traceId = Activity.Current?.TraceId.ToString(),
            })),
            ErrorShape.Hub or ErrorShape.OpenInference => ("application/json", Json(new { error = refusal.Detail })),
            ErrorShape.Oci => ("application/json", Json(new { errors = new[] { new { code = OciCode(refusal.Status), message = refusal.Detail } } })),
            ErrorShape.Git => ("text/plain; charset=utf-8", refusal.Detail + "\n"),
            ErrorShape.GitLfs => ("application/vnd.git-lfs+json", Json(new { message = refusal.Detail })),
            ErrorShape.OAuth => ("application/json", Json(new { error = OAuthCode(refusal.Status), error_description = refusal.Detail.Replace('"', '\'') })),
            _ => ("text/html; charset=utf-8", Page(refusal)),
        };
        response.ContentType = type;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.WriteAsync(body, context.RequestAborted);
    }

    private string Challenge(ErrorShape shape) => shape switch
    {
        ErrorShape.Git or ErrorShape.GitLfs => "Basic realm=\"zoo\"",
        ErrorShape.Oci => $"Bearer realm=\"{platform.Value.Origin}/oci/token\",service=\"zoo\"",
        _ => "Bearer error=\"invalid_token\"",
    };

    private static string OciCode(int status) => status switch
    {
        401 => "UNAUTHORIZED",
        403 => "DENIED",
        404 => "NAME_UNKNOWN",
        413 => "SIZE_INVALID",
        429 => "TOOMANYREQUESTS",
        _ => "UNSUPPORTED",
    };

    private static string OAuthCode(int status) => status >= 500 ? "temporarily_unavailable" : "invalid_request";

    private static string Json(object value) => JsonSerializer.Serialize(value);

    private static string Page(Refusal refusal) => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{ReasonPhrases.GetReasonPhrase(refusal.Status)} · ZooPlatform</title></head>
        <body><h1>{ReasonPhrases.GetReasonPhrase(refusal.Status)}</h1><p>{HtmlEncoder.Default.Encode(refusal.Detail)}</p><p><a href="/">First page</a></p></body></html>
        """;
}
