using Meilisearch;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Search.Queries;

internal static class SearchRoutes
{
    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/search", Search).WithTags("Search").WithName("SearchModels")
            .RequireAuthorization(Policies.Read).ProducesProblem(503)
            .WithSummary("Search models").WithDescription("Names, cards and stubs, typos forgiven. A filter given more than once takes any of its values; filters narrow together.")
            .WithExample(null, ("q", "digts int8"), ("pageSize", 5));

    private static async Task<Results<Ok<SearchAnswer>, ProblemHttpResult>> Search(
        [AsParameters] SearchParameters parameters, Caller caller, SearchModels search, JobSignal<IndexWriter> index, IOptions<SearchOptions> options,
        ILogger<SearchModels> logger, CancellationToken ct)
    {
        if (parameters.Refusal() is { } refusal) return refusal;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Value.QueryTimeout);
        try
        {
            return TypedResults.Ok(await search.RunAsync(parameters, caller, limit.Token));
        }
        catch (MeilisearchApiError e) when (e.Code is "index_not_found" or "invalid_search_filter" or "invalid_search_sort" or "invalid_search_facets")
        {
            // No index, or one without our settings. The writer makes both.
            logger.QueryLost(e.Message);
            index.Wake();
            return SearchProblems.Rebuilding;
        }
        catch (Exception e) when (e is MeilisearchCommunicationError or MeilisearchApiError || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            logger.QueryLost(e.Message);
            return SearchProblems.EngineUnreachable;
        }
    }
}
