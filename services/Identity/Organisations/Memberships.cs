using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
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

    public static async Task<Role?> RoleAsync(this IdentityDb db, Guid organisation, Guid? user, CancellationToken ct) =>
        await db.Memberships.Where(m => m.OrganisationId == organisation && m.UserId == user).Select(m => (Role?)m.Role).SingleOrDefaultAsync(ct);

    public static async Task<bool> MayJoinAnotherAsync(this IdentityDb db, Guid user, CancellationToken ct) =>
        await db.Memberships.CountAsync(m => m.UserId == user, ct) < MaxOfOneUser;

    /// <summary>The organisation, if the caller has at least this role in it; else the refusal.</summary>
    public static async Task<(Owner? Organisation, ProblemHttpResult? Refusal)> OrganisationForAsync(
        this IdentityDb db, string name, Caller caller, Role needed, CancellationToken ct)
    {
        if (await db.FindOrganisationAsync(name, ct) is not { } organisation) return (null, IdentityProblems.OrganisationUnknown(name));
        return await db.RoleAsync(organisation.Id, caller.UserId, ct) switch
        {
            null => (null, IdentityProblems.NotAMember(organisation.Name)),
            { } role when role < needed => (null, IdentityProblems.RoleNeeded(organisation.Name, needed)),
            _ => (organisation, null),
        };
    }
}
