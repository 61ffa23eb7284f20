using System.Net.Http.Headers;
using System.Text;
using ZooPlatform.Gateway.Routes;

namespace ZooPlatform.Gateway.Callers;

/// <summary>What a caller brought to prove who they are.</summary>
/// <param name="Kind">As Identity's swap has it: <c>bearer</c>, <c>basic</c>, <c>session</c> or <c>anonymous</c>.</param>
internal sealed record Credential(string Kind, string? Value)
{
    private const int MaxChars = 8 * 1024;

    /// <summary>No name and no password: skopeo sends that when it was asked for Basic and has nothing.</summary>
    private const string NoName = "Og==";

    public static readonly Credential Anonymous = new("anonymous", null);

    public bool IsSession => Kind == "session";

    /// <summary>The Authorization header goes before the cookie. Null: there is a header, but none this route takes.</summary>
    public static Credential? Of(HttpRequest request, ZooRoute route, string sessionCookie)
    {
        var headers = request.Headers.Authorization;
        if (headers.Count > 0) return headers is [{ Length: <= MaxChars } header] ? OfHeader(header, route) : null;
        return request.Cookies[sessionCookie] is { Length: > 0 and <= MaxChars } secret ? new Credential("session", secret) : Anonymous;
    }

    /// <summary>The bearer in the header, whatever it is; null: there is none, or more than one, or something else.</summary>
    public static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization is [{ Length: <= MaxChars } header] && AuthenticationHeaderValue.TryParse(header, out var parsed)
            && parsed.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) && parsed.Parameter is { Length: > 0 } value ? value : null;

    private static Credential? OfHeader(string header, ZooRoute route)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var parsed) || parsed.Parameter is not { Length: > 0 } value) return null;
        if (parsed.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return new Credential("bearer", value);
        if (!route.TakesBasic || !parsed.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;
        if (value == NoName) return Anonymous;
        return PasswordOf(value) is { } password ? new Credential("basic", password) : null;
    }

    /// <remarks>git, Git LFS and OCI clients send any user name, and the token as the password.</remarks>
    private static string? PasswordOf(string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length)) return null;
        return Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, { Length: > 0 } password] ? password : null;
    }
}
