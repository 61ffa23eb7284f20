using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Owners;

namespace ZooPlatform.Identity.Organisations;

internal abstract record ChangeMemberOutcome
{
    public sealed record Done(MemberView Member) : ChangeMemberOutcome;
    public sealed record NoMember : ChangeMemberOutcome;
    public sealed record LastOwner : ChangeMemberOutcome;
}

/// <summary>Gives a member another role or takes the membership away. The last owner stays one.</summary>
internal sealed class ChangeMember(IdentityDb db, AuditTrail audit)
{
    public Task<ChangeMemberOutcome> SetRoleAsync(Owner organisation, string userName, Role role, string actor, CancellationToken ct) =>
        RunAsync(organisation, userName, role, actor, ct);

    public Task<ChangeMemberOutcome> RemoveAsync(Owner organisation, string userName, string actor, CancellationToken ct) =>
        RunAsync(organisation, userName, null, actor, ct);

    private async Task<ChangeMemberOutcome> RunAsync(Owner organisation, string userName, Role? role, string actor, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Two owners who demote each other at once must not both see the other: the organisation's row is the lock.
        await db.Database.ExecuteSqlAsync($"select 1 from owners where id = {organisation.Id} for update", ct);
        var folded = OwnerName.Fold(userName);
        var user = await db.Owners.AsNoTracking().SingleOrDefaultAsync(o => o.FoldedName == folded && o.Kind == OwnerKind.User, ct);
        if (user is null) return new ChangeMemberOutcome.NoMember();
        var members = await db.Memberships
            .Where(m => m.OrganisationId == organisation.Id && (m.Role == Role.Owner || m.UserId == user.Id)).ToListAsync(ct);
        if (members.SingleOrDefault(m => m.UserId == user.Id) is not { } member) return new ChangeMemberOutcome.NoMember();
        var isLastOwner = member.Role == Role.Owner && members.Count == 1;
        if (isLastOwner && role != Role.Owner) return new ChangeMemberOutcome.LastOwner();

        if (role is { } given) member.Role = given;
        else db.Memberships.Remove(member);
        audit.Add(actor, role is null ? "member.removed" : "member.role-set", user.Id.ToString(), $"{organisation.Id} {role}".TrimEnd());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new ChangeMemberOutcome.Done(new MemberView(user.Id, user.Name, role ?? member.Role, member.Since));
    }
}
