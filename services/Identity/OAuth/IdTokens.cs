using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Keys;

namespace ZooPlatform.Identity.OAuth;

/// <summary>ID tokens (OpenID Connect Core, section 2): who signed in, for the client alone; no API accepts one.</summary>
internal sealed class IdTokens(KeyRing keys, IOptions<PlatformOptions> platform, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <param name="method">How they signed in: <c>pwd</c> or <c>otp</c>; null: it is not known any more.</param>
    public string Issue(Grant grant, User user, string accessToken, string? method)
    {
        var now = time.GetUtcNow();
        // at_hash: the left half of the access token's SHA-256 (section 3.1.3.6).
        var half = SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16);
        var claims = new JsonObject
        {
            ["iss"] = platform.Value.Issuer,
            ["sub"] = user.Id.ToString(),
            ["aud"] = grant.ClientId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Life).ToUnixTimeSeconds(),
            ["auth_time"] = grant.SignedInAt.ToUnixTimeSeconds(),
            ["at_hash"] = WebEncoders.Base64UrlEncode(half),
        };
        if (grant.SessionId is { } session) claims["sid"] = session.ToString();
        if (method is not null) claims["amr"] = new JsonArray(method);
        if (grant.Nonce is not null) claims["nonce"] = grant.Nonce;
        if (grant.Scopes.Contains(OAuthScopes.Profile)) claims["preferred_username"] = user.UserName;

        var key = keys.Active(SigningKey.IdToken);
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = key.Algorithm, ["kid"] = key.Id };
        var text = $"{Encode(header)}.{Encode(claims)}";
        var signature = ((RSA)key.Key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{WebEncoders.Base64UrlEncode(signature)}";
    }

    /// <summary>Whom an ID token of ours tells of, and to which client; it may have expired. Null: it is none of ours.</summary>
    public IdTokenHint? ReadHint(string idToken)
    {
        if (idToken.Length > 8 * 1024 || idToken.Split('.') is not [var header, var payload, var signature]) return null;
        try
        {
            var (said, claims) = (Decode(header), Decode(payload));
            if ((string?)said["alg"] != SigningKey.IdToken || (string?)said["typ"] != "JWT" || keys.Find((string?)said["kid"] ?? "") is not { Key: RSA key }) return null;
            if (!key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), WebEncoders.Base64UrlDecode(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) return null;
            return (string?)claims["iss"] == platform.Value.Issuer && Guid.TryParse((string?)claims["sub"], out var user) && (string?)claims["aud"] is { } client
                ? new IdTokenHint(user, client)
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or CryptographicException)
        {
            return null;
        }
    }

    private static JsonObject Decode(string part) => JsonNode.Parse(WebEncoders.Base64UrlDecode(part)) as JsonObject ?? throw new JsonException("No object.");

    private static string Encode(JsonObject json) => WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(json));
}

/// <summary>What an ID token that came back tells.</summary>
internal sealed record IdTokenHint(Guid UserId, string ClientId);
