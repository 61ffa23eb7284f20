using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Which applications act for the caller, and the end of that.</summary>
internal static class GrantRoutes
{
    public static void MapGrants(this IEndpointRouteBuilder routes)
    {
        var grants = routes.MapGroup("/api/v1/users/me/grants").WithTags("Users").RequireAuthorization(Policies.Admin);
        grants.MapGet("", List).WithName("ListGrantsOfMine").WithPages(500).WithSummary("List applications that act for me").WithDescription("The newest first.")
            .WithExample(null, ("limit", 10));
        grants.MapDelete("/{id:guid}", Revoke).WithName("RevokeGrantOfMine").WithSummary("End that an application acts for me")
            .WithDescription("204 also when it has ended already, or is another's: then nothing changes.").WithExample(null, ("id", "0197f6c2-0000-7000-8000-000000000000"));
    }

    /// <summary>The newest first.</summary>
    private static async Task<Results<Ok<Page<GrantedView>>, ProblemHttpResult>> List(
        Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var before, Guid.AllBitsSet)) return Problem.CursorInvalid(after);
        var items = await InForce(db, caller.UserId!.Value, time.GetUtcNow(), before).Take(limit).ToListAsync(ct);
        return TypedResults.Ok(new Page<GrantedView>(items, items.Count == limit ? items[^1].Id.ToString() : null));
    }

    private static async Task<NoContent> Revoke(Guid id, Caller caller, GrantTokens grants, CancellationToken ct)
    {
        await grants.RevokeOfUserAsync(caller.UserId!.Value, id, ct);
        return TypedResults.NoContent();
    }

    public static IQueryable<GrantedView> InForce(IdentityDb db, Guid user, DateTimeOffset now, Guid before) =>
        from grant in db.Grants.AsNoTracking()
        join client in db.Clients on grant.ClientId equals client.Id
        where grant.UserId == user && grant.RevokedAt == null && grant.ExpiresAt > now && grant.RefreshedAt > now - Grant.Idle && grant.Id < before
        orderby grant.Id descending
        select new GrantedView(grant.Id, client.Id, client.Name, client.FirstParty, grant.Scopes, grant.CreatedAt, grant.RefreshedAt, grant.ExpiresAt);
}
