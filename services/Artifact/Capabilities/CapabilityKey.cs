using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Artifact.Capabilities;

/// <summary>The key that capabilities are signed with: 32 random bytes, made once under the database.</summary>
internal sealed class CapabilityKey(IServiceScopeFactory scopes, TimeProvider time)
{
    private const string Purpose = "capability";
    private const int KeyBytes = 32;
    private volatile byte[]? _key;

    public async ValueTask<byte[]> GetAsync(CancellationToken ct) => _key ??= await ReadAsync(ct);

    private async Task<byte[]> ReadAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ArtifactDb>().Database;
        // Whoever comes first makes it; the others read what is there.
        await database.ExecuteSqlAsync($"""
            insert into signing_keys (purpose, key, created_at)
            values ({Purpose}, {RandomNumberGenerator.GetBytes(KeyBytes)}, {time.GetUtcNow()}) on conflict do nothing
            """, ct);
        return await database.SqlQuery<byte[]>($"select key as \"Value\" from signing_keys where purpose = {Purpose}").SingleAsync(ct);
    }
}
