using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary>A secret of a confidential client: 256 random bits, of which we keep the SHA-256.</summary>
internal sealed class ClientSecret
{
    /// <summary>Two, so that a secret can be changed without a moment in which none works.</summary>
    public const int MaxOfOneClient = 2;

    public required Guid Id { get; init; }
    public required string ClientId { get; init; }

    /// <summary>The secret's last four characters.</summary>
    public required string Hint { get; init; }
    public required byte[] Hash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Makes and ends the secrets of a client.</summary>
internal sealed class ChangeSecrets(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    /// <summary>A new secret, seen this once. Null: the client has two already.</summary>
    public async Task<(ClientSecret Row, string Secret)?> AddAsync(string clientId, string actor, CancellationToken ct)
    {
        var secret = OpaqueToken.NewSecret();
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Two who add one at once must not both see room for it: the client's row is the lock.
        await db.Database.ExecuteSqlAsync($"select 1 from oauth_clients where id = {clientId} for update", ct);
        if (await db.ClientSecrets.CountAsync(s => s.ClientId == clientId, ct) >= ClientSecret.MaxOfOneClient) return null;
        var row = new ClientSecret { Id = Guid.CreateVersion7(now), ClientId = clientId, Hint = secret[^4..], Hash = OpaqueToken.HashOf(secret), CreatedAt = now };
        db.ClientSecrets.Add(row);
        audit.Add(actor, "client.secret-created", clientId, row.Id.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return (row, secret);
    }

    /// <summary>False: the client has no such secret.</summary>
    public async Task<bool> RemoveAsync(string clientId, Guid secretId, string actor, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.ClientSecrets.Where(s => s.ClientId == clientId && s.Id == secretId).ExecuteDeleteAsync(ct) == 0) return false;
        audit.Add(actor, "client.secret-removed", clientId, secretId.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
