using System.Net;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Gateway.Routes;

namespace ZooPlatform.Gateway.Callers;

/// <summary>Headers that say something a service would believe: whatever the caller wrote there is dropped.</summary>
internal static class ForgedHeaders
{
    /// <summary>Where a bearer that is none of Identity's goes on; see <see cref="Credentials.Capability"/>.</summary>
    public const string Capability = "X-Zoo-Capability";

    private static readonly string[] s_prefixes = ["X-Forwarded-", "X-Zoo-", "X-Original-", "X-Rewrite-"];
    private static readonly string[] s_names =
        ["Forwarded", "X-Real-IP", "X-Client-IP", "X-User-Id", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "Proxy-Authorization", "Upgrade"];

    public static void Replace(HttpContext context, ZooRoute route, string sessionCookie)
    {
        var headers = context.Request.Headers;
        foreach (var name in headers.Keys.Where(IsForged).ToList()) headers.Remove(name);
        headers["X-Forwarded-For"] = AddressOf(context);
        switch (route.Cookies)
        {
            case Cookies.None:
                headers.Remove(HeaderNames.Cookie);
                break;
            case Cookies.ButSession when headers.Cookie.Count > 0:
                headers.Cookie = string.Join("; ", headers.Cookie.SelectMany(line => (line ?? "").Split(';', StringSplitOptions.TrimEntries))
                    .Where(cookie => !cookie.StartsWith($"{sessionCookie}=", StringComparison.Ordinal)));
                break;
        }
    }

    public static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    private static bool IsForged(string name) =>
        s_names.Contains(name, StringComparer.OrdinalIgnoreCase) || s_prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
