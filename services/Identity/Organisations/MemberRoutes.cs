using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Organisations;

internal static class MemberRoutes
{
    public static void MapMembers(this IEndpointRouteBuilder organisations)
    {
        organisations.MapGet("/{name}/members", List).RequireAuthorization(Policies.SignedIn).WithName("ListMembers").ProducesProblem(404).WithPages(500)
            .WithSummary("List members").WithDescription("For members.").WithExample(null, ("name", "example-lab"), ("limit", 10));
        organisations.MapPut("/{name}/members/{user}", SetRole).RequireAuthorization(Policies.Admin).WithName("SetMember").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Set a member's role").WithDescription("For owners. Who is no member is invited instead.").WithExample(new SetMember(Role.Contributor), ("name", "example-lab"), ("user", "ada"));
        organisations.MapDelete("/{name}/members/{user}", Remove).RequireAuthorization(Policies.Admin).WithName("RemoveMember").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Remove a member").WithDescription("For owners, and for members themselves.").WithExample(null, ("name", "example-lab"), ("user", "ada"));
    }

    private static async Task<Results<Ok<Page<MemberView>>, ProblemHttpResult>> List(
        string name, Caller caller, IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return Problem.CursorInvalid(after);
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
        string name, string user, JsonBody<SetMember> body, Caller caller, ChangeMember change, IdentityDb db, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        var request = await body.ReadAsync(ct);
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
