using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Catalog.Taxonomies;

internal static class TaxonomyRoutes
{
    public static void MapTaxonomy(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/taxonomy", Ok<TaxonomyView> () => TypedResults.Ok(Taxonomy.View))
            .WithTags("Taxonomy").WithName("GetTaxonomy").RequireAuthorization(Policies.Read)
            .WithSummary("Get the taxonomy").WithDescription("Domains and their tasks; a card may use other words.");
}
