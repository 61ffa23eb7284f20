using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Identity.Owners;

/// <summary>What other services may know of users and organisations: who has which name.</summary>
internal static class OwnerRoutes
{
    public static void MapOwners(this IEndpointRouteBuilder routes)
    {
        var owners = routes.MapGroup("/internal/owners").RequireAuthorization(Policies.Service(Scopes.IdentityReadAll)).ExcludeFromDescription();
        owners.MapGet("/{id:guid}", ById);
        owners.MapGet("/by-name/{name}", ByName);
        routes.MapFeed<IdentityDb, OwnerState>(Scopes.IdentityReadAll, OwnerChanges.StatesAsync);
    }

    private static async Task<Results<Ok<OwnerState>, ProblemHttpResult>> ById(Guid id, IdentityDb db, CancellationToken ct) =>
        await db.Owners.Where(owner => owner.Id == id && !owner.Deleted).Select(OwnerChanges.State).SingleOrDefaultAsync(ct) is { } state
            ? TypedResults.Ok(state) : IdentityProblems.OwnerUnknown(id.ToString());

    private static async Task<Results<Ok<OwnerState>, ProblemHttpResult>> ByName(string name, IdentityDb db, CancellationToken ct)
    {
        var folded = OwnerName.Fold(name);
        return await db.Owners.Where(owner => owner.FoldedName == folded && !owner.Deleted).Select(OwnerChanges.State).SingleOrDefaultAsync(ct) is { } state
            ? TypedResults.Ok(state) : IdentityProblems.OwnerUnknown(name);
    }
}
