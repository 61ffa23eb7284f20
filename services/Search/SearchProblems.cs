using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Search;

/// <summary>Every refusal of the search.</summary>
internal static class SearchProblems
{
    public static ProblemHttpResult EngineUnreachable => Problem.Of(503, "search.unreachable",
        "The search engine cannot be reached just now. Models are still listed: GET /api/v1/models. Try again in a few seconds.");

    public static ProblemHttpResult Rebuilding => Problem.Of(503, "search.rebuilding",
        "The search index is being built and would not show all models yet. They are listed meanwhile: GET /api/v1/models. Try again in a few seconds.");

    public static ProblemHttpResult QueryTooLong(int max) => Problem.Of(400, "search.query-too-long", $"'q' has at most {max} characters.");

    public static ProblemHttpResult FilterTooLong(string name, int values, int length) => Problem.Of(400, "search.filter-too-long",
        $"'{name}' takes at most {values} values of at most {length} characters.");

    public static ProblemHttpResult SortUnknown(string sort, IEnumerable<string> known) => Problem.Of(400, "search.sort-unknown",
        $"There is no order '{(sort.Length > 50 ? sort[..50] : sort)}'. 'sort' is one of: {string.Join(", ", known)}.");

    public static ProblemHttpResult PageOutOfRange(int maxPageSize, int maxHits) => Problem.Of(400, "search.page-out-of-range",
        $"'page' begins at 1, 'pageSize' is 1 to {maxPageSize}, and only the first {maxHits} hits can be paged through. Narrow the search with filters.");
}
