using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Search.Indexing;

namespace ZooPlatform.Search.Queries;

/// <summary>What a search asks for. A filter that is given more than once takes any of its values.</summary>
internal sealed record SearchParameters(
    string? Q, string[]? Task, string[]? Domain, string[]? Framework, string[]? Format, string[]? License, string[]? Tag, string[]? Owner,
    string? Sort, int? Page, int? PageSize)
{
    public const int MaxPageSize = 100;
    public const int MaxQuery = 500;
    private const int MaxName = 150;
    private const int DefaultPageSize = 20;
    private const int MaxValues = 20;
    private const int MaxValue = 200;

    private static readonly Dictionary<string, string[]> s_orders = new(StringComparer.Ordinal)
    {
        ["relevance"] = [],
        ["updated"] = ["updatedAt:desc"],
        ["created"] = ["createdAt:desc"],
        ["name"] = ["name:asc"],
        ["size"] = ["sizeBytes:asc"],
        ["parameters"] = ["parameters:asc"],
        ["latency"] = ["latencyP50Ms:asc"],
    };

    public string Text => Q?.Trim() ?? "";
    public int PageNumber => Page ?? 1;
    public int Size => PageSize ?? DefaultPageSize;

    /// <summary>Without words there is no relevance: the newest change comes first.</summary>
    public string[] Order => s_orders[Sort ?? (Text.Length == 0 ? "updated" : "relevance")];

    /// <summary>May names like the words come first? Not in another order, not where quotes or a minus say exactly what is meant, and no name is so long.</summary>
    public bool IsByNames => Text.Length is > 0 and <= MaxName && Order.Length == 0 && !Text.Contains('"') && !Text.StartsWith('-') && !Text.Contains(" -", StringComparison.Ordinal);

    private IEnumerable<(string Name, string Field, string[] Values)> Filters =>
    [
        ("task", "task", Task ?? []), ("domain", "domain", Domain ?? []), ("framework", "frameworks", Framework ?? []),
        ("format", "formats", Format ?? []), ("license", "license", License ?? []), ("tag", "tags", Tag ?? []), ("owner", "owner", Owner ?? []),
    ];

    /// <summary>The caller's own conditions.</summary>
    public IEnumerable<string> Conditions =>
        Filters.Where(filter => filter.Values.Length > 0).Select(filter => Filter.In(filter.Field, filter.Values));

    /// <summary>Why this cannot be searched; null when it can.</summary>
    public ProblemHttpResult? Refusal()
    {
        if (Text.Length > MaxQuery) return SearchProblems.QueryTooLong(MaxQuery);
        if (Filters.FirstOrDefault(filter => filter.Values.Length > MaxValues || filter.Values.Any(value => value.Length > MaxValue)) is { Name: not null } tooLong)
            return SearchProblems.FilterTooLong(tooLong.Name, MaxValues, MaxValue);
        if (Sort is not null && !s_orders.ContainsKey(Sort)) return SearchProblems.SortUnknown(Sort, s_orders.Keys);
        return PageNumber < 1 || Size is < 1 or > MaxPageSize || (long)(PageNumber - 1) * Size >= IndexSettings.MaxTotalHits
            ? SearchProblems.PageOutOfRange(MaxPageSize, IndexSettings.MaxTotalHits)
            : null;
    }
}
