using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Catalog.Lineage;

internal static class LineageRoutes
{
    private const int MaxLimit = 50;

    public static void MapLineage(this IEndpointRouteBuilder routes)
    {
        var lineage = routes.MapGroup("/api/v1/lineage").WithTags("Models").RequireAuthorization(Policies.Read);
        lineage.MapGet("", Bases).WithName("ListBases").WithPages(MaxLimit)
            .WithSummary("List bases").WithDescription("Models that others were made from, those with the most variants first. One page: there is no next.");
        lineage.MapGet("/{owner}/{name}", Family).WithName("GetFamily").ProducesProblem(404)
            .WithSummary("Get a model's family").WithDescription("All that it is derived from and all that is derived from those, at most 100 models, as far as the caller may see them.");
    }

    private static async Task<Ok<Page<BaseView>>> Bases(Caller caller, CatalogDb db, CancellationToken ct, int limit = 10)
    {
        var visible = db.Models.VisibleTo(caller);
        var counted =
            from edge in db.Set<LineageEdge>()
            join child in visible on edge.ModelId equals child.Id
            join parent in visible on edge.Base.ToLower() equals (parent.Owner + "/" + parent.Name).ToLower()
            where parent.Id != child.Id
            group edge by parent.Id into variants
            orderby variants.Count() descending, variants.Key
            select new { Id = variants.Key, Count = variants.Count() };
        var top = await counted.Take(limit).ToListAsync(ct);
        var ids = top.Select(row => row.Id).ToList();
        var models = await visible.Where(model => ids.Contains(model.Id))
            .Select(model => new { model.Id, model.Owner, model.Name, model.Title }).ToDictionaryAsync(model => model.Id, ct);
        return TypedResults.Ok(new Page<BaseView>(
            [.. top.Where(row => models.ContainsKey(row.Id)).Select(row => new BaseView(row.Id, models[row.Id].Owner, models[row.Id].Name, models[row.Id].Title, row.Count))]));
    }

    private static async Task<Results<Ok<FamilyView>, ProblemHttpResult>> Family(string owner, string name, Caller caller, CatalogDb db, FamilyOf family, CancellationToken ct)
    {
        var visible = db.Models.VisibleTo(caller);
        var id = await visible.Named(owner, name).Select(model => (Guid?)model.Id).FirstOrDefaultAsync(ct);
        return id is { } start ? TypedResults.Ok(await family.RunAsync(start, visible, ct)) : CatalogProblems.ModelUnknown(owner, name);
    }
}
