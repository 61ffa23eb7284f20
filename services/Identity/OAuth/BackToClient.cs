using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace ZooPlatform.Identity.OAuth;

/// <summary>The answer at the client's redirect URI, in its query or as a form that the browser posts there; always with <c>iss</c> (RFC 9207).</summary>
internal sealed class BackToClient : IResult
{
    private const string Script = "document.forms[0].submit()";
    private static readonly string s_scriptHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));

    private readonly string _redirectUri;
    private readonly bool _formPost;
    private readonly List<KeyValuePair<string, string?>> _parameters;

    private BackToClient(string redirectUri, string? state, bool formPost, string issuer, params (string Name, string Value)[] parameters)
    {
        (_redirectUri, _formPost) = (redirectUri, formPost);
        _parameters = [.. parameters.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value))];
        if (state is not null) _parameters.Add(KeyValuePair.Create("state", (string?)state));
        _parameters.Add(KeyValuePair.Create("iss", (string?)issuer));
    }

    public static BackToClient With(AuthorizeRequest request, string issuer, string code) =>
        new(request.RedirectUri, request.State, request.FormPost, issuer, ("code", code));

    public static BackToClient With(AuthorizeRequest request, string issuer, OAuthError error) =>
        new(request.RedirectUri, request.State, request.FormPost, issuer, ("error", error.Error), ("error_description", error.Description));

    public static BackToClient With(AuthorizeCheck.Refused refused, string issuer) =>
        new(refused.RedirectUri, refused.State, refused.FormPost, issuer, ("error", refused.Error.Error), ("error_description", refused.Error.Description));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_formPost) return PostAsync(httpContext);
        var query = QueryString.Create(_parameters).Value!;
        return new SeeOther(_redirectUri + (_redirectUri.Contains('?', StringComparison.Ordinal) ? "&" + query[1..] : query)).ExecuteAsync(httpContext);
    }

    private Task PostAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; script-src 'sha256-{s_scriptHash}'; base-uri 'none'; frame-ancestors 'none'";
        var html = HtmlEncoder.Default;
        var fields = string.Concat(_parameters.Select(pair => $"<input type=\"hidden\" name=\"{pair.Key}\" value=\"{html.Encode(pair.Value!)}\">"));
        return context.Response.WriteAsync($"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>ZooPlatform</title></head>
            <body><form method="post" action="{html.Encode(_redirectUri)}">{fields}<noscript><button>Continue</button></noscript></form><script>{Script}</script></body></html>
            """, context.RequestAborted);
    }
}
