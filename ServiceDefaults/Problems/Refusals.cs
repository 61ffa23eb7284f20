using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace ZooPlatform.ServiceDefaults.Problems;

/// <summary>Writes a refusal the way a route's protocol has it.</summary>
public static class Refusals
{
    private static readonly TimeSpan s_outage = TimeSpan.FromSeconds(2);

    /// <summary>Answers with this refusal, in the shape of the route that was asked.</summary>
    internal static Task RefuseAsync(this HttpContext context, ProblemHttpResult refusal)
    {
        // The exception handler takes the route off the request, and remembers it.
        var route = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        return context.RefuseAsync(refusal, route?.Metadata.OfType<ErrorShape>().LastOrDefault() ?? ErrorShape.Problem);
    }

    /// <summary>Answers with this refusal, in this shape.</summary>
    /// <param name="retryAfter">Null: as soon as an outage may be over for a 503; else it is not said.</param>
    public static Task RefuseAsync(this HttpContext context, ProblemHttpResult refusal, ErrorShape shape, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        response.StatusCode = refusal.StatusCode;
        response.Headers.CacheControl = "no-store";
        if ((retryAfter ?? (refusal.StatusCode == 503 ? s_outage : null)) is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (refusal.StatusCode == 401 && response.Headers.WWWAuthenticate.Count == 0) response.Headers.WWWAuthenticate = Challenge(shape, refusal);
        if (shape == ErrorShape.Problem) return refusal.ExecuteAsync(context);

        var detail = refusal.ProblemDetails.Detail ?? "";
        if (shape == ErrorShape.Hub) response.Headers["X-Error-Message"] = detail;
        if (shape == ErrorShape.GitLfs && refusal.StatusCode == 401) response.Headers["LFS-Authenticate"] = "Basic realm=\"zoo\"";
        var (type, body) = shape switch
        {
            ErrorShape.Hub or ErrorShape.OpenInference => ("application/json", Json(new { error = detail })),
            ErrorShape.Oci => ("application/json", Json(new { errors = new[] { new { code = OciCode(refusal.StatusCode), message = detail } } })),
            ErrorShape.Git => ("text/plain; charset=utf-8", detail + "\n"),
            ErrorShape.GitLfs => ("application/vnd.git-lfs+json", Json(new { message = detail })),
            ErrorShape.OAuth => ("application/json", Json(new { error = OAuthCode(refusal.StatusCode), error_description = detail.Replace('"', '\'') })),
            _ => ("text/html; charset=utf-8", Page(refusal.StatusCode, detail)),
        };
        response.ContentType = type;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.WriteAsync(body, context.RequestAborted);
    }

    private static string Challenge(ErrorShape shape, ProblemHttpResult refusal) => shape switch
    {
        // OCI too: a token of the zoo is the password, so there is none to be fetched from a realm first.
        ErrorShape.Git or ErrorShape.GitLfs or ErrorShape.Oci => "Basic realm=\"zoo\"",
        _ when refusal.ProblemDetails.Type == Problem.SignInNeeded.ProblemDetails.Type => "Bearer",
        _ => "Bearer error=\"invalid_token\"",   // RFC 6750: there was a token
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

    private static string Page(int status, string detail) => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{ReasonPhrases.GetReasonPhrase(status)} · ZooPlatform</title></head>
        <body><h1>{ReasonPhrases.GetReasonPhrase(status)}</h1><p>{HtmlEncoder.Default.Encode(detail)}</p><p><a href="/">First page</a></p></body></html>
        """;
}
