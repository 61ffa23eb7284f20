using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Identity.Organisations;

internal abstract record CreateOrganisationOutcome
{
    public sealed record Created(Owner Organisation) : CreateOrganisationOutcome;
    public sealed record NameTaken : CreateOrganisationOutcome;
    public sealed record TooManyMemberships : CreateOrganisationOutcome;
}

/// <summary>Makes an organisation; who makes it is its first owner.</summary>
internal sealed class CreateOrganisation(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    public async Task<CreateOrganisationOutcome> RunAsync(OwnerName name, string? displayName, Guid by, CancellationToken ct)
    {
        if (!await db.MayJoinAnotherAsync(by, ct)) return new CreateOrganisationOutcome.TooManyMemberships();
        var now = time.GetUtcNow();
        var organisation = Owner.Of(Guid.CreateVersion7(now), OwnerKind.Organisation, name, displayName, now);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        db.Owners.Add(organisation);
        db.Memberships.Add(new Membership { OrganisationId = organisation.Id, UserId = by, Role = Role.Owner, Since = now });
        audit.Add(by.ToString(), "organisation.created", organisation.Id.ToString(), organisation.Name);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The unique index decides who wins a race; a check before the write cannot.
            return new CreateOrganisationOutcome.NameTaken();
        }
        await db.Database.TouchAsync(organisation.Id, OwnerChanges.KindOf(OwnerKind.Organisation), deleted: false, ct);
        await transaction.CommitAsync(ct);
        return new CreateOrganisationOutcome.Created(organisation);
    }
}
