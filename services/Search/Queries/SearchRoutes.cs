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
        [AsParameters] SearchParameters parameters, Caller caller, HttpContext context, SearchModels search, JobSignal<IndexWriter> index, IOptions<SearchOptions> options,
        ILogger<SearchModels> logger, CancellationToken ct)
    {
        if (parameters.Refusal() is { } refusal) return refusal;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Value.QueryTimeout);
        try
        {
            if (await search.RunAsync(parameters, caller, limit.Token) is { } answer) return TypedResults.Ok(answer);
        }
        catch (MeilisearchApiError e) when (e.Code is "index_not_found")
        {
            // The writer has not noticed yet that it is gone.
            logger.QueryLost(e.Message);
            index.Wake();
        }
        catch (Exception e) when (e is MeilisearchCommunicationError or MeilisearchApiError || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            logger.QueryLost(e.Message);
            context.Response.Headers.RetryAfter = "2";
            return SearchProblems.EngineUnreachable;
        }
        context.Response.Headers.RetryAfter = "5";
        return SearchProblems.Rebuilding;
    }
}
