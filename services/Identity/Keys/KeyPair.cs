using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace ZooPlatform.Identity.Keys;

/// <summary>A key in memory: signs, and shows its public half as a JWK.</summary>
/// <param name="Id">The <c>kid</c>.</param>
/// <param name="Jwk">Public members only, with <c>kid</c>, <c>use</c> and <c>alg</c>.</param>
internal sealed record KeyPair(string Id, string Algorithm, DateTimeOffset ActiveFrom, AsymmetricAlgorithm Key, JsonObject Jwk)
{
    public static KeyPair Create(string algorithm, DateTimeOffset activeFrom) => Of(algorithm, activeFrom,
        algorithm == SigningKey.Internal ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(3072));

    public static KeyPair Import(string algorithm, DateTimeOffset activeFrom, byte[] pkcs8)
    {
        AsymmetricAlgorithm key = algorithm == SigningKey.Internal ? ECDsa.Create() : RSA.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return Of(algorithm, activeFrom, key);
    }

    private static KeyPair Of(string algorithm, DateTimeOffset activeFrom, AsymmetricAlgorithm key)
    {
        // The thumbprint is over exactly these members, in this order (RFC 7638, section 3.2).
        var required = key switch
        {
            ECDsa ec when ec.ExportParameters(false).Q is { X: { } x, Y: { } y } => new JsonObject
            {
                ["crv"] = "P-256", ["kty"] = "EC", ["x"] = WebEncoders.Base64UrlEncode(x), ["y"] = WebEncoders.Base64UrlEncode(y),
            },
            RSA rsa when rsa.ExportParameters(false) is { Exponent: { } e, Modulus: { } n } => new JsonObject
            {
                ["e"] = WebEncoders.Base64UrlEncode(e), ["kty"] = "RSA", ["n"] = WebEncoders.Base64UrlEncode(n),
            },
            _ => throw new NotSupportedException($"A key of the kind {key.GetType().Name} signs nothing here."),
        };
        var id = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(required.ToJsonString())));
        required["kid"] = id;
        required["use"] = "sig";
        required["alg"] = algorithm;
        return new KeyPair(id, algorithm, activeFrom, key, required);
    }
}
