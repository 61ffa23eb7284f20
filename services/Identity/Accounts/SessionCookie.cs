using Microsoft.Extensions.Options;

namespace ZooPlatform.Identity.Accounts;

/// <summary>The cookie that keeps a browser signed in: <c>__Host-zoo-&lt;instance&gt;</c>, an opaque secret.</summary>
internal sealed class SessionCookie(IOptions<PlatformOptions> platform)
{
    public string Name => $"__Host-zoo-{platform.Value.Instance}";

    public string? Read(HttpRequest request) => request.Cookies[Name];

    public void Write(HttpResponse response, string secret, DateTimeOffset expiresAt) =>
        response.Cookies.Append(Name, secret, Options(expiresAt));

    public void Delete(HttpResponse response) => response.Cookies.Delete(Name, Options(null));

    private static CookieOptions Options(DateTimeOffset? expiresAt) => new()
    {
        Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", Expires = expiresAt, IsEssential = true,
    };
}
