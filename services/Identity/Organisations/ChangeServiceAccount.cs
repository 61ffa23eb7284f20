using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.OAuth;
using ZooPlatform.Identity.Owners;

namespace ZooPlatform.Identity.Organisations;

/// <summary>Makes a service account with its OAuth client, gives it another role, ends it with all it holds.</summary>
internal sealed class ChangeServiceAccount(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    /// <summary>Null: the organisation has one of this name.</summary>
    public async Task<ServiceAccount?> CreateAsync(Owner organisation, string name, Role role, string actor, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var account = new ServiceAccount
        {
            Id = Guid.CreateVersion7(now), OrganisationId = organisation.Id, Name = name, FoldedName = OwnerName.Fold(name), Role = role, CreatedAt = now,
        };
        db.ServiceAccounts.Add(account);
        db.Clients.Add(OAuthClient.Of(account, organisation.Name));
        audit.Add(actor, "service-account.created", account.Id.ToString(), $"{organisation.Id} {role}");
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The unique index decides who wins a race; a check before the write cannot.
            return null;
        }
        return account;
    }

    public async Task SetRoleAsync(ServiceAccount account, Role role, string actor, CancellationToken ct)
    {
        account.Role = role;
        db.ServiceAccounts.Update(account);
        audit.Add(actor, "service-account.role-set", account.Id.ToString(), role.ToString());
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Its tokens, client and secrets go with it.</summary>
    public async Task DeleteAsync(ServiceAccount account, string actor, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.ServiceAccounts.Where(a => a.Id == account.Id).ExecuteDeleteAsync(ct) == 0) return;
        audit.Add(actor, "service-account.deleted", account.Id.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
