using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using ZooPlatform.Contracts;

namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>What an internal token says (RFC 9068 shape). Identity writes it, every service reads it.</summary>
/// <param name="Subject">A user's id; <c>client:&lt;name&gt;</c> of a service, <c>client:&lt;guid&gt;</c> of a service account; or <c>anonymous</c>.</param>
/// <param name="Scope">Space-separated.</param>
/// <param name="Organisations">Organisation id and the subject's role there, as of when the token was issued.</param>
/// <param name="Resources">The only repositories the token is good for; null: all.</param>
public sealed record InternalClaims(
    [property: JsonPropertyName("iss")] string Issuer,
    [property: JsonPropertyName("aud")] string Audience,
    [property: JsonPropertyName("sub")] string Subject,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long ExpiresAt,
    [property: JsonPropertyName("jti")] string Id,
    [property: JsonPropertyName("scope")] string Scope,
    [property: JsonPropertyName("client_id")] string? ClientId = null,
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("orgs")] IReadOnlyDictionary<Guid, Role>? Organisations = null,
    [property: JsonPropertyName("resources")] IReadOnlyList<Guid>? Resources = null,
    [property: JsonPropertyName("admin")] bool IsAdministrator = false,
    [property: JsonPropertyName("guest")] bool IsGuest = false)
{
    /// <summary>Issuer and audience of every internal token.</summary>
    public const string Platform = "zooplatform";
    public const string Anonymous = "anonymous";
    public const string ClientPrefix = "client:";

    private static readonly JsonSerializerOptions s_json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The signed token: <c>typ</c> at+jwt, <c>alg</c> ES256.</summary>
    /// <param name="key">A P-256 key.</param>
    /// <param name="keyId">Its <c>kid</c> in Identity's JWKS.</param>
    public string Sign(ECDsa key, string keyId)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new { typ = "at+jwt", alg = "ES256", kid = keyId });
        var text = $"{WebEncoders.Base64UrlEncode(header)}.{WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(this, s_json))}";
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256);
        return $"{text}.{WebEncoders.Base64UrlEncode(signature)}";
    }

    /// <summary>Reads the payload of a token whose signature was checked.</summary>
    internal static InternalClaims Parse(string encodedPayload) =>
        JsonSerializer.Deserialize<InternalClaims>(WebEncoders.Base64UrlDecode(encodedPayload), s_json)
        ?? throw new JsonException("An internal token has no payload.");
}
