using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Organisations;

/// <summary>Who is what in an organisation, as of now: routes here ask the database, not the caller's token.</summary>
internal static class Memberships
{
    /// <summary>More would not fit into an internal token.</summary>
    public const int MaxOfOneUser = 100;

    public static Task<Owner?> FindOrganisationAsync(this IdentityDb db, string name, CancellationToken ct)
    {
        var folded = OwnerName.Fold(name);
        return db.Owners.AsNoTracking().SingleOrDefaultAsync(o => o.FoldedName == folded && o.Kind == OwnerKind.Organisation && !o.Deleted, ct);
    }

    /// <summary>A person's role as a member, a service account's as its organisation gave it; null: none.</summary>
    public static Task<Role?> RoleAsync(this IdentityDb db, Guid organisation, Caller caller, CancellationToken ct) =>
        (caller.ServiceAccountId is { } account
            ? db.ServiceAccounts.Where(a => a.OrganisationId == organisation && a.Id == account).Select(a => (Role?)a.Role)
            : db.Memberships.Where(m => m.OrganisationId == organisation && m.UserId == caller.UserId).Select(m => (Role?)m.Role)).SingleOrDefaultAsync(ct);

    /// <summary>The service account that makes this request, and what it is in its organisation.</summary>
    public static Task<AccountOfCaller> FindServiceAccountAsync(this IdentityDb db, Guid id, CancellationToken ct) => (
        from account in db.ServiceAccounts.AsNoTracking()
        join organisation in db.Owners on account.OrganisationId equals organisation.Id
        where account.Id == id
        select new AccountOfCaller(account, new MembershipView(organisation.Id, organisation.Name, account.Role))).SingleAsync(ct);

    public static async Task<bool> MayJoinAnotherAsync(this IdentityDb db, Guid user, CancellationToken ct) =>
        await db.Memberships.CountAsync(m => m.UserId == user, ct) < MaxOfOneUser;

    /// <summary>The organisation, if the caller has at least this role in it; else the refusal.</summary>
    public static async Task<(Owner? Organisation, ProblemHttpResult? Refusal)> OrganisationForAsync(
        this IdentityDb db, string name, Caller caller, Role needed, CancellationToken ct)
    {
        if (await db.FindOrganisationAsync(name, ct) is not { } organisation) return (null, IdentityProblems.OrganisationUnknown(name));
        return await db.RoleAsync(organisation.Id, caller, ct) switch
        {
            null => (null, IdentityProblems.NotAMember(organisation.Name)),
            { } role when role < needed => (null, IdentityProblems.RoleNeeded(organisation.Name, needed)),
            _ => (organisation, null),
        };
    }
}

internal sealed record AccountOfCaller(ServiceAccount Account, MembershipView Membership);
