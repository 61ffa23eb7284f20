using System.Globalization;
using System.Text.RegularExpressions;

namespace ZooPlatform.Identity.OAuth;

/// <summary>An authorization request that holds: every rule of RFC 6749 section 4.1.1, RFC 7636 and OpenID Connect Core 3.1.2.1 that
/// can be checked without knowing the user.</summary>
internal sealed partial record AuthorizeRequest(
    OAuthClient Client, string RedirectUri, string? State, IReadOnlyList<string> Scopes, string Challenge, string? Nonce,
    IReadOnlySet<string> Prompts, TimeSpan? MaxAge, bool FormPost)
{
    private const int MaxStateChars = 2048;

    /// <remarks>
    /// 1. Client and redirect URI: while they are in doubt, the answer is a page, never a redirect.
    /// 2. Everything else: the client is told, at its redirect URI.
    /// </remarks>
    public static AuthorizeCheck Check(OAuthParameters parameters, OAuthClient? client)
    {
        // 1.
        if (parameters.Repeated is { } repeated) return new AuthorizeCheck.Page($"The parameter '{repeated}' came more than once.");
        if (client is null) return new AuthorizeCheck.Page("No such client is registered here.");
        if (parameters["redirect_uri"] is not { } redirectUri || !OAuth.RedirectUri.IsRegistered(redirectUri, client.RedirectUris))
            return new AuthorizeCheck.Page($"The redirect URI is not one that '{client.Name}' is registered with.");

        // 2.
        var state = parameters["state"];
        var formPost = parameters["response_mode"] == "form_post";
        AuthorizeCheck Refuse(string error, string why) => new AuthorizeCheck.Refused(client, redirectUri, state, formPost, new OAuthError(error, why));

        if (state?.Length > MaxStateChars)
            return new AuthorizeCheck.Refused(client, redirectUri, null, formPost, OAuthError.InvalidRequest("state is longer than 2048 characters."));
        if (parameters["request"] is not null) return Refuse("request_not_supported", "Send the parameters themselves.");
        if (parameters["request_uri"] is not null) return Refuse("request_uri_not_supported", "Send the parameters themselves.");
        if (parameters["response_type"] is not { } responseType) return Refuse("invalid_request", "response_type is missing.");
        if (responseType != "code") return Refuse("unsupported_response_type", "The only response type is code.");
        if (parameters["response_mode"] is not (null or "query" or "form_post")) return Refuse("invalid_request", "The response modes are query and form_post.");
        if (parameters["code_challenge"] is not { } challenge || !Challenges().IsMatch(challenge))
            return Refuse("invalid_request", "PKCE is required: send code_challenge, 43 to 128 unreserved characters.");
        if (parameters["code_challenge_method"] != "S256") return Refuse("invalid_request", "The only code_challenge_method is S256; send it.");
        var scopes = (parameters["scope"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();
        if (scopes.Length == 0 || scopes.Except(client.Scopes).Any()) return Refuse("invalid_scope", OAuthError.InvalidScope.Description);
        var prompts = (parameters["prompt"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        if (prompts.Contains("none") && prompts.Count > 1) return Refuse("invalid_request", "prompt=none stands alone.");
        if (prompts.Except(["none", "login", "consent", "select_account"]).Any()) return Refuse("invalid_request", "prompt is unknown.");
        TimeSpan? maxAge = null;
        if (parameters["max_age"] is { } text)
        {
            if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return Refuse("invalid_request", "max_age is no number of seconds.");
            maxAge = TimeSpan.FromSeconds(seconds);
        }
        if (parameters["resource"] is not null) return Refuse("invalid_target", OAuthError.InvalidTarget.Description);
        return new AuthorizeCheck.Valid(new AuthorizeRequest(client, redirectUri, state, scopes, challenge, parameters["nonce"], prompts, maxAge, formPost));
    }

    [GeneratedRegex(@"^[A-Za-z0-9._~-]{43,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Challenges();
}

internal abstract record AuthorizeCheck
{
    public sealed record Valid(AuthorizeRequest Request) : AuthorizeCheck;

    /// <summary>To be told to the client.</summary>
    public sealed record Refused(OAuthClient Client, string RedirectUri, string? State, bool FormPost, OAuthError Error) : AuthorizeCheck;

    /// <summary>To be shown to the person; nothing may go to the redirect URI.</summary>
    public sealed record Page(string Why) : AuthorizeCheck;
}
