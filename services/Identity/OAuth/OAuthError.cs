using System.Text.Json.Serialization;

namespace ZooPlatform.Identity.OAuth;

/// <summary>A refusal as OAuth tells it (RFC 6749, section 5.2): 400, or 401 for a client that is none.</summary>
internal sealed record OAuthError(
    [property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string Description)
{
    public static OAuthError InvalidRequest(string why) => new("invalid_request", why);
    public static OAuthError InvalidClient => new("invalid_client", "This platform knows no such client; clients here have an id and no secret.");
    public static OAuthError InvalidScope => new("invalid_scope", "The scope is unknown, wider than the client may have, or wider than what was granted.");
    public static OAuthError UnsupportedGrant => new("unsupported_grant_type", "The grant types here are authorization_code and refresh_token.");
    public static OAuthError InvalidGrant => new("invalid_grant", "The code or refresh token is unknown, used, expired, or not this client's.");

    public IResult ToResult() => TypedResults.Json(this, statusCode: Error == "invalid_client" ? 401 : 400);
}
