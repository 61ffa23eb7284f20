using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Tests.Support;

/// <summary>Internal tokens as Identity signs them, from a key of the test's own. Give a service <see cref="Jwks"/> as the
/// setting <c>Auth:Jwks</c>.</summary>
public static class TestTokens
{
    private const string KeyId = "test";
    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string Jwks { get; } = JsonSerializer.Serialize(new
    {
        keys = new[]
        {
            new
            {
                kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = KeyId,
                x = WebEncoders.Base64UrlEncode(s_key.ExportParameters(false).Q.X!),
                y = WebEncoders.Base64UrlEncode(s_key.ExportParameters(false).Q.Y!),
            },
        },
    });

    public static string Anonymous() => Sign(InternalClaims.Anonymous, []);

    /// <summary>A person with all scopes of people, unless told.</summary>
    public static string User(Guid id, string name, IReadOnlyDictionary<Guid, Role>? organisations = null, bool administrator = false,
        bool guest = false, IReadOnlyList<string>? scopes = null, IReadOnlyList<Guid>? only = null) =>
        Sign(id.ToString(), scopes ?? Scopes.OfUsers, name, organisations, administrator, guest, only);

    /// <summary>The claims of such a token.</summary>
    public static InternalClaims ClaimsOf(Guid id, string name, IReadOnlyDictionary<Guid, Role>? organisations = null, bool guest = false,
        IReadOnlyList<string>? scopes = null, IReadOnlyList<Guid>? only = null) =>
        Claims(id.ToString(), scopes ?? Scopes.OfUsers, name, organisations, false, guest, only);

    /// <summary>A service at its own work.</summary>
    public static string Service(string name, params string[] scopes) => Sign(InternalClaims.ClientPrefix + name, scopes, name);

    private static string Sign(string subject, IReadOnlyList<string> scopes, string? name = null,
        IReadOnlyDictionary<Guid, Role>? organisations = null, bool administrator = false, bool guest = false, IReadOnlyList<Guid>? only = null) =>
        Claims(subject, scopes, name, organisations, administrator, guest, only).Sign(s_key, KeyId);

    private static InternalClaims Claims(string subject, IReadOnlyList<string> scopes, string? name,
        IReadOnlyDictionary<Guid, Role>? organisations, bool administrator, bool guest, IReadOnlyList<Guid>? only)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new InternalClaims(InternalClaims.Platform, InternalClaims.Platform, subject, now, now + 3600, Guid.CreateVersion7().ToString("N"),
            string.Join(' ', scopes), subject == InternalClaims.Anonymous ? null : $"token:{subject}", name, organisations, only, administrator, guest);
    }
}
