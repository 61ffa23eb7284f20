using System.Text.Json.Serialization;

namespace ZooPlatform.Identity.OAuth;

/// <summary>A refusal as OAuth tells it (RFC 6749, section 5.2): 400, or 401 for a client that is none.</summary>
internal sealed record OAuthError(
    [property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string Description)
{
    public static OAuthError InvalidRequest(string why) => new("invalid_request", why);
    public static OAuthError InvalidClient => new("invalid_client", "There is no such client, or it did not prove itself with one of its secrets.");
    public static OAuthError UnauthorizedClient(string why) => new("unauthorized_client", why);
    public static OAuthError InvalidTarget => new("invalid_target", "Tokens here are good for the whole platform; leave resource out.");
    public static OAuthError AuthorizationPending => new("authorization_pending", "The user has not decided yet.");
    public static OAuthError SlowDown => new("slow_down", "Ask five seconds less often than before.");
    public static OAuthError AccessDenied => new("access_denied", "The user said no.");
    public static OAuthError ExpiredToken => new("expired_token", "The device code has expired; start again.");
    public static OAuthError InvalidScope => new("invalid_scope", "The scope is unknown, wider than the client may have, or wider than what was granted.");
    public static OAuthError UnsupportedGrant => new("unsupported_grant_type", "There is no such grant type here.");
    public static OAuthError InvalidGrant => new("invalid_grant", "The code or refresh token is unknown, used, expired, or not this client's.");

    public IResult ToResult() => TypedResults.Json(this, statusCode: Error == "invalid_client" ? 401 : 400);
}
