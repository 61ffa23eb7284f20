using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Accounts;

internal static class UserRoutes
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/v1/users").WithTags("Users").RequireAuthorization(Policies.SignedIn);
        users.MapGet("/me", Me);
        users.MapGet("/{name}", ByName);
    }

    private static async Task<Ok<MeView>> Me(Caller caller, IdentityDb db, CancellationToken ct)
    {
        var id = caller.UserId!.Value;
        var me = await db.Users.Where(u => u.Id == id).Join(db.Owners, u => u.Id, o => o.Id, (u, o) => new { User = u, Owner = o })
            .AsNoTracking().SingleAsync(ct);
        var organisations = await db.Memberships.Where(m => m.UserId == id)
            .Join(db.Owners, m => m.OrganisationId, o => o.Id, (m, o) => new { m.Role, Organisation = o })
            .OrderBy(row => row.Organisation.FoldedName)
            .Select(row => new MembershipView(row.Organisation.Id, row.Organisation.Name, row.Role)).ToListAsync(ct);
        return TypedResults.Ok(new MeView(
            id, me.Owner.Name, me.Owner.DisplayName, me.User.Email, me.User.IsAdministrator, organisations, [.. caller.Scopes.Order(StringComparer.Ordinal)]));
    }

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> ByName(string name, IdentityDb db, CancellationToken ct)
    {
        var folded = OwnerName.Fold(name);
        return await db.Owners.Where(o => o.FoldedName == folded && o.Kind == OwnerKind.User && !o.Deleted)
            .Select(o => new UserView(o.Id, o.Name, o.DisplayName, o.CreatedAt)).SingleOrDefaultAsync(ct) is { } user
            ? TypedResults.Ok(user) : IdentityProblems.UserUnknown(name);
    }
}
