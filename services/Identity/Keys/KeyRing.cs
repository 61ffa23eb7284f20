using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Identity.Keys;

/// <summary>The signing keys in force, kept in memory; <see cref="RotateKeys"/> loads and renews them.</summary>
internal sealed class KeyRing(IServiceScopeFactory scopes, IDataProtectionProvider protection, TimeProvider time)
{
    private readonly IDataProtector _protector = protection.CreateProtector("signing keys");
    private volatile IReadOnlyList<KeyPair> _keys = [];

    /// <summary>The key that signs now.</summary>
    /// <exception cref="InvalidOperationException">There is none: <see cref="LoadAsync"/> was not run.</exception>
    public KeyPair Active(string algorithm)
    {
        var now = time.GetUtcNow();
        return _keys.Where(key => key.Algorithm == algorithm && key.ActiveFrom <= now).MaxBy(key => key.ActiveFrom)
            ?? throw new InvalidOperationException($"There is no active {algorithm} key.");
    }

    /// <summary>A published key; null: there is none of this id.</summary>
    public KeyPair? Find(string id) => _keys.FirstOrDefault(key => key.Id == id);

    /// <summary>The public half of every key a valid token may be signed with, and of those to come (RFC 7517).</summary>
    public JsonObject Published() => new() { ["keys"] = new JsonArray([.. _keys.Select(key => key.Jwk.DeepClone())]) };

    public async Task LoadAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<IdentityDb>().SigningKeys.AsNoTracking().ToListAsync(ct);
        var known = _keys.ToDictionary(key => key.Id, StringComparer.Ordinal);
        _keys = [.. rows.Select(row => known.GetValueOrDefault(row.Id)
            ?? KeyPair.Import(row.Algorithm, row.ActiveFrom, _protector.Unprotect(Convert.FromBase64String(row.PrivateKey))))];
    }

    public SigningKey Protect(KeyPair key) => new()
    {
        Id = key.Id, Algorithm = key.Algorithm, ActiveFrom = key.ActiveFrom,
        PrivateKey = Convert.ToBase64String(_protector.Protect(key.Key.ExportPkcs8PrivateKey())),
    };
}
