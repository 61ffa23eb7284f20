using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ZooPlatform.Contracts;

namespace ZooPlatform.Identity.Tokens;

/// <summary>The platform's own services as clients: which scopes each may ask for. Their secrets come from the AppHost
/// as <c>Clients:&lt;id&gt;:Secret</c>.</summary>
internal sealed class PlatformServices(IConfiguration configuration)
{
    private static readonly Dictionary<string, string[]> s_scopes = new(StringComparer.Ordinal)
    {
        ["gateway"] = [Scopes.IdentitySwap],
        ["artifact"] = [Scopes.IdentityReadAll, Scopes.IdentityReadCallers],
        ["catalog"] = [Scopes.IdentityReadAll, Scopes.ArtifactReadAll, Scopes.BenchmarkReadAll],
        ["search"] = [Scopes.IdentityReadAll, Scopes.ArtifactReadAll, Scopes.CatalogReadAll],
        ["benchmark"] = [Scopes.IdentityReadAll, Scopes.ArtifactReadAll, Scopes.CatalogReadAll],
        ["web"] = [],
    };

    /// <summary>The service that this Authorization header proves; null: none.</summary>
    public string? Authenticate(string? header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var parsed) || !parsed.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;
        var bytes = new byte[parsed.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(parsed.Parameter ?? "", bytes, out var length)) return null;
        var (id, secret) = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var left, var right] ? (left, right) : ("", "");
        if (!s_scopes.ContainsKey(id) || configuration[$"Clients:{id}:Secret"] is not { Length: > 0 } expected) return null;
        return CryptographicOperations.FixedTimeEquals(OpaqueToken.HashOf(secret), OpaqueToken.HashOf(expected)) ? id : null;
    }

    /// <summary>May the service have this scope?</summary>
    public static bool MayHave(string service, string scope) => s_scopes[service].Contains(scope, StringComparer.Ordinal);
}
