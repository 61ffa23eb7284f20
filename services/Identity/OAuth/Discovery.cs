using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Keys;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.OAuth;

/// <summary>What this issuer offers (OpenID Connect Discovery, RFC 8414), its keys, and which issuer guards the API (RFC 9728).</summary>
internal static class Discovery
{
    private static readonly string[] s_secretMethods = ["client_secret_post", "client_secret_basic"];

    public static void MapDiscovery(this IEndpointRouteBuilder routes)
    {
        var wellKnown = routes.MapGroup("/.well-known").RequireAuthorization(Policies.Open).WithTags("OAuth");
        wellKnown.MapGet("/openid-configuration", Metadata);
        wellKnown.MapGet("/oauth-authorization-server", Metadata);
        wellKnown.MapGet("/jwks.json", (KeyRing keys) => TypedResults.Json(keys.Published()));
        wellKnown.MapGet("/oauth-protected-resource", (IOptions<PlatformOptions> platform) => TypedResults.Json(new JsonObject
        {
            ["resource"] = platform.Value.Issuer,
            ["authorization_servers"] = Words([platform.Value.Issuer]),
            ["bearer_methods_supported"] = Words(["header"]),
            ["scopes_supported"] = Words(Contracts.Scopes.OfUsers),
        }));
    }

    private static IResult Metadata(IOptions<PlatformOptions> platform)
    {
        var issuer = platform.Value.Issuer;
        return TypedResults.Json(new JsonObject
        {
            ["issuer"] = issuer,
            ["authorization_endpoint"] = $"{issuer}/connect/authorize",
            ["token_endpoint"] = $"{issuer}/connect/token",
            ["userinfo_endpoint"] = $"{issuer}/connect/userinfo",
            ["revocation_endpoint"] = $"{issuer}/connect/revocation",
            ["introspection_endpoint"] = $"{issuer}/connect/introspection",
            ["device_authorization_endpoint"] = $"{issuer}/connect/device",
            ["end_session_endpoint"] = $"{issuer}/connect/logout",
            ["jwks_uri"] = $"{issuer}/.well-known/jwks.json",
            ["scopes_supported"] = Words(OAuthScopes.All),
            ["claims_supported"] = Words(["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "amr", "preferred_username", "name", "email"]),
            ["response_types_supported"] = Words(["code"]),
            ["response_modes_supported"] = Words(["query", "form_post"]),
            ["grant_types_supported"] = Words(["authorization_code", "refresh_token", "client_credentials", TokenEndpoint.DeviceGrant]),
            ["subject_types_supported"] = Words(["public"]),
            ["id_token_signing_alg_values_supported"] = Words([SigningKey.IdToken]),
            ["token_endpoint_auth_methods_supported"] = Words(["none", .. s_secretMethods]),
            ["revocation_endpoint_auth_methods_supported"] = Words(["none", .. s_secretMethods]),
            ["introspection_endpoint_auth_methods_supported"] = Words(s_secretMethods),
            ["code_challenge_methods_supported"] = Words(["S256"]),
            ["authorization_response_iss_parameter_supported"] = true,
            ["request_parameter_supported"] = false,
            ["request_uri_parameter_supported"] = false,
        });
    }

    private static JsonArray Words(IEnumerable<string> words) => [.. words.Select(word => JsonValue.Create(word))];
}
