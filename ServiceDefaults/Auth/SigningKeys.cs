using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>Reads Identity's key set (JWKS, as JSON): over HTTP everywhere but in Identity itself, which holds it.</summary>
/// <exception cref="HttpRequestException">Identity is out of reach.</exception>
public delegate Task<string> ReadKeySet(CancellationToken ct);

/// <summary>Identity's public keys: fetched when first needed, kept for an hour, fetched again for an unknown key id
/// at most every 30 s, and kept on while Identity cannot be reached.</summary>
public sealed class SigningKeys(ReadKeySet read, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_betweenMisses = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _fetching = new(1);
    private volatile KeySet? _keys;

    /// <summary>The key with this id; null when Identity does not publish it.</summary>
    /// <exception cref="HttpRequestException">Identity is out of reach and no key was ever fetched.</exception>
    public async ValueTask<ECDsaSecurityKey?> FindAsync(string keyId, CancellationToken ct)
    {
        var keys = _keys;
        var age = keys is null ? TimeSpan.MaxValue : time.GetUtcNow() - keys.FetchedAt;
        var known = keys is not null && keys.ById.ContainsKey(keyId);
        if (age > s_refresh || (!known && age > s_betweenMisses)) keys = await FetchAsync(keys, ct);
        return keys!.ById.GetValueOrDefault(keyId);
    }

    public void Dispose() => _fetching.Dispose();

    /// <summary>Asks Identity; where there is none to ask (a service's own tests), the setting <c>Auth:Jwks</c> is the key set.</summary>
    internal static ReadKeySet OverHttp(IHttpClientFactory clients, IConfiguration configuration) => async ct =>
    {
        if (configuration["Auth:Jwks"] is { } given) return given;
        using var identity = clients.CreateClient(ServiceClients.Bare("identity"));
        return await identity.GetStringAsync("/.well-known/jwks.json", ct);
    };

    private async Task<KeySet> FetchAsync(KeySet? seen, CancellationToken ct)
    {
        await _fetching.WaitAsync(ct);
        try
        {
            if (_keys is { } fresh && fresh != seen) return fresh;
            try
            {
                return _keys = Parse(await read(ct));
            }
            catch (HttpRequestException) when (seen is not null)
            {
                return _keys = seen with { FetchedAt = time.GetUtcNow() };
            }
        }
        finally
        {
            _fetching.Release();
        }
    }

    private KeySet Parse(string jwks)
    {
        using var document = JsonDocument.Parse(jwks);
        var keys = new Dictionary<string, ECDsaSecurityKey>(StringComparer.Ordinal);
        foreach (var key in document.RootElement.GetProperty("keys").EnumerateArray())
        {
            if (key.GetProperty("kty").GetString() != "EC" || key.GetProperty("crv").GetString() != "P-256") continue;
            var id = key.GetProperty("kid").GetString()!;
            var point = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") };
            var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            keys[id] = new ECDsaSecurityKey(ecdsa) { KeyId = id };
        }
        return new KeySet(keys, time.GetUtcNow());
    }

    private static byte[] Bytes(JsonElement key, string name) => WebEncoders.Base64UrlDecode(key.GetProperty(name).GetString()!);

    private sealed record KeySet(IReadOnlyDictionary<string, ECDsaSecurityKey> ById, DateTimeOffset FetchedAt);
}
