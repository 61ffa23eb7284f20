using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Accounts;

internal static class UserRoutes
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/v1/users").WithTags("Users");
        users.MapGet("/me", Me).RequireAuthorization(Policies.SignedIn).WithName("GetMe")
            .WithSummary("Who am I").WithDescription("The caller with their organisations, and the scopes of the token they came with.");
        users.MapGet("/{name}", ByName).RequireAuthorization(Policies.SignedIn).WithName("GetUser").ProducesProblem(404)
            .WithSummary("Get a user");
        users.MapGet("", List).RequireAuthorization(Policies.Administrator).WithName("ListUsers").WithPages(500)
            .WithSummary("List users").WithDescription("For administrators; in the order they came.").WithExample(null, ("limit", 10));
        users.MapPatch("/{name}", Update).RequireAuthorization(Policies.Administrator).WithName("UpdateUser").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Disable a user, or make them a guest").WithDescription("For administrators. What is absent stays.")
            .WithExample(new UpdateUser(IsGuest: true), ("name", "ada"));
    }

    private static async Task<Ok<MeView>> Me(Caller caller, IdentityDb db, CancellationToken ct)
    {
        var scopes = caller.Scopes.Order(StringComparer.Ordinal).ToArray();
        if (caller.ServiceAccountId is { } account)
        {
            var found = await db.FindServiceAccountAsync(account, ct);
            return TypedResults.Ok(new MeView(account, caller.Name, null, null, false, [found.Membership], scopes, IsServiceAccount: true));
        }
        var id = caller.UserId!.Value;
        var me = await db.Users.Where(u => u.Id == id).Join(db.Owners, u => u.Id, o => o.Id, (u, o) => new { User = u, Owner = o })
            .AsNoTracking().SingleAsync(ct);
        var organisations = await db.Memberships.Where(m => m.UserId == id)
            .Join(db.Owners, m => m.OrganisationId, o => o.Id, (m, o) => new { m.Role, Organisation = o })
            .OrderBy(row => row.Organisation.FoldedName)
            .Select(row => new MembershipView(row.Organisation.Id, row.Organisation.Name, row.Role)).ToListAsync(ct);
        return TypedResults.Ok(new MeView(
            id, me.Owner.Name, me.Owner.DisplayName, me.User.Email, me.User.IsAdministrator, organisations, scopes, me.User.IsGuest));
    }

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> ByName(string name, IdentityDb db, CancellationToken ct)
    {
        var folded = OwnerName.Fold(name);
        return await db.Owners.Where(o => o.FoldedName == folded && o.Kind == OwnerKind.User && !o.Deleted)
            .Select(o => new UserView(o.Id, o.Name, o.DisplayName, o.CreatedAt)).SingleOrDefaultAsync(ct) is { } user
            ? TypedResults.Ok(user) : IdentityProblems.UserUnknown(name);
    }

    private static async Task<Results<Ok<Page<UserAccountView>>, ProblemHttpResult>> List(
        IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return Problem.CursorInvalid(after);
        var users = await Accounts(db, db.Users.Where(u => u.Id > start)).Take(limit).ToListAsync(ct);
        return TypedResults.Ok(new Page<UserAccountView>(users, users.Count == limit ? users[^1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<UserAccountView>, ProblemHttpResult>> Update(
        string name, UpdateUser request, Caller caller, IdentityDb db, ChangeUser change, CancellationToken ct)
    {
        var folded = OwnerName.Fold(name);
        var id = await db.Owners.Where(o => o.FoldedName == folded && o.Kind == OwnerKind.User && !o.Deleted).Select(o => (Guid?)o.Id).SingleOrDefaultAsync(ct);
        if (id is not { } userId) return IdentityProblems.UserUnknown(name);
        if (userId == caller.UserId && (request.IsDisabled == true || request.IsGuest == true)) return IdentityProblems.NotYourself;
        await change.RunAsync(userId, request, caller.Subject, ct);
        return TypedResults.Ok(await Accounts(db, db.Users.Where(u => u.Id == userId)).SingleAsync(ct));
    }

    private static IQueryable<UserAccountView> Accounts(IdentityDb db, IQueryable<User> users) =>
        from user in users.AsNoTracking()
        join owner in db.Owners on user.Id equals owner.Id
        orderby user.Id
        select new UserAccountView(owner.Id, owner.Name, owner.DisplayName, user.Email, user.IsAdministrator, user.IsGuest, user.IsDisabled, owner.CreatedAt);
}
