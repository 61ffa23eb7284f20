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

    public string Issue(Grant grant, User user, string accessToken)
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
        if (grant.Nonce is not null) claims["nonce"] = grant.Nonce;
        if (grant.Scopes.Contains(OAuthScopes.Profile)) claims["preferred_username"] = user.UserName;

        var key = keys.Active(SigningKey.IdToken);
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = key.Algorithm, ["kid"] = key.Id };
        var text = $"{Encode(header)}.{Encode(claims)}";
        var signature = ((RSA)key.Key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{WebEncoders.Base64UrlEncode(signature)}";
    }

    private static string Encode(JsonObject json) => WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(json));
}
