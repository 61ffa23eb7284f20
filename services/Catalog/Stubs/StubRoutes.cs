using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Catalog.Stubs;

internal static class StubRoutes
{
    public static void MapStubs(this IEndpointRouteBuilder routes)
    {
        var stubs = routes.MapGroup("/api/v1/stubs").WithTags("Stubs").RequireAuthorization(Policies.Read);
        stubs.MapGet("/{**stub}", Resolve).WithName("ResolveStub").ProducesProblem(404)
            .WithSummary("Resolve a stub").WithDescription("To the repository whose card claims it.");
    }

    private static async Task<Results<Ok<StubView>, ProblemHttpResult>> Resolve(string stub, Caller caller, CatalogDb db, CancellationToken ct)
    {
        if (!StubPath.TryParse(stub, out var path)) return CatalogProblems.StubMalformed(stub);
        var wanted = path.Value.ToLowerInvariant();
        var found = await db.Models.VisibleTo(caller)
            .Where(model => model.Stub!.ToLower() == wanted)
            .Select(model => new StubView(model.Stub!, model.Id, model.Owner + "/" + model.Name))
            .SingleOrDefaultAsync(ct);
        return found is null ? CatalogProblems.StubUnknown(path.Value) : TypedResults.Ok(found);
    }
}
