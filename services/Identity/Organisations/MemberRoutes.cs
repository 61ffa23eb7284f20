using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Organisations;

internal static class MemberRoutes
{
    public static void MapMembers(this IEndpointRouteBuilder organisations)
    {
        organisations.MapGet("/{name}/members", List).RequireAuthorization(Policies.SignedIn);
        organisations.MapPut("/{name}/members/{user}", SetRole).RequireAuthorization(Policies.Admin);
        organisations.MapDelete("/{name}/members/{user}", Remove).RequireAuthorization(Policies.Admin);
    }

    private static async Task<Results<Ok<Page<MemberView>>, ProblemHttpResult>> List(
        string name, Caller caller, IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return IdentityProblems.CursorUnknown(after);
        limit = Math.Clamp(limit, 1, 500);
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Reader, ct);
        if (organisation is null) return refusal!;
        var members = await db.Memberships.Where(m => m.OrganisationId == organisation.Id && m.UserId > start)
            .Join(db.Owners, m => m.UserId, o => o.Id, (m, o) => new { Membership = m, o.Name })
            .OrderBy(row => row.Membership.UserId).Take(limit)
            .Select(row => new MemberView(row.Membership.UserId, row.Name, row.Membership.Role, row.Membership.Since))
            .ToListAsync(ct);
        return TypedResults.Ok(new Page<MemberView>(members, members.Count == limit ? members[^1].UserId.ToString() : null));
    }

    private static async Task<Results<Ok<MemberView>, ProblemHttpResult>> SetRole(
        string name, string user, SetMember request, Caller caller, ChangeMember change, IdentityDb db, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        return await change.SetRoleAsync(organisation, user, request.Role, caller.Subject, ct) switch
        {
            ChangeMemberOutcome.Done { Member: var member } => TypedResults.Ok(member),
            ChangeMemberOutcome.LastOwner => IdentityProblems.LastOwner(organisation.Name),
            _ => IdentityProblems.MemberUnknown(organisation.Name, user),
        };
    }

    /// <summary>An owner removes anybody; everybody may leave.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        string name, string user, Caller caller, ChangeMember change, IdentityDb db, CancellationToken ct)
    {
        var leaves = user.Equals(caller.Name, StringComparison.OrdinalIgnoreCase);
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, leaves ? Role.Reader : Role.Owner, ct);
        if (organisation is null) return refusal!;
        return await change.RemoveAsync(organisation, user, caller.Subject, ct) switch
        {
            ChangeMemberOutcome.Done => TypedResults.NoContent(),
            ChangeMemberOutcome.LastOwner => IdentityProblems.LastOwner(organisation.Name),
            _ => IdentityProblems.MemberUnknown(organisation.Name, user),
        };
    }
}
