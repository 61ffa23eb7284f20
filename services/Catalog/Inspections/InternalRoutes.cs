using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>What other services read in their own name, by id. Not routed by the gateway.</summary>
internal static class InternalRoutes
{
    public static void MapInternal(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/internal/models/{id:guid}/revisions/{revision}/files", Files)
            .RequireAuthorization(Policies.Service(Scopes.CatalogReadAll)).ExcludeFromDescription();

    /// <summary>The model files of any revision, read now: the feed tells of main's alone. Nothing is stored.</summary>
    private static async Task<Results<Ok<Page<ModelFileState>>, ProblemHttpResult>> Files(Guid id, string revision, ReadRevision read, CancellationToken ct) =>
        await read.RunAsync(id, revision, ct) is { } reading
            ? TypedResults.Ok(new Page<ModelFileState>([.. reading.Files.Select(StoreReading.FileOf).Where(file => file.Format is not null).Select(ModelStates.FileOf)]))
            : Problem.RouteUnknown;
}
