using System.Text.Json.Serialization;
using Meilisearch;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Search.Indexing;

namespace ZooPlatform.Search.Queries;

/// <summary>One search as Meilisearch is asked it: every question carries the same conditions, what the caller may see among them.</summary>
internal sealed record IndexQuery(Meilisearch.Index Index, SearchParameters Parameters, string[] Conditions)
{
    private static readonly string[] s_highlighted = ["title", "name", "summary", "tags", "text"];

    /// <summary>What of a <see cref="ModelDocument"/> comes back; of the text only what matched.</summary>
    private static readonly string[] s_retrieved =
    [
        "id", "owner", "name", "title", "summary", "task", "domain", "frameworks", "formats", "license", "tags", "parameters", "sizeBytes",
        "latencyP50Ms", "visibility", "updatedAt",
    ];

    /// <summary>Facets by the names that queries use, and the fields they count.</summary>
    private static readonly Dictionary<string, string> s_facets = new()
    {
        ["task"] = "task",
        ["domain"] = "domain",
        ["framework"] = "frameworks",
        ["format"] = "formats",
        ["license"] = "license",
        ["tag"] = "tags",
        ["owner"] = "owner",
    };

    /// <summary>The same search without some models.</summary>
    public IndexQuery But(IEnumerable<Guid> ids) => this with { Conditions = [.. Conditions, $"NOT {Filter.In("id", ids.Select(id => id.ToString()))}"] };

    /// <param name="page">From 1.</param>
    public Task<IndexAnswer> PageAsync(int page, int size, CancellationToken ct) => AskAsync(Parameters.Text, Conditions, page, size, ct);

    /// <summary>Those of these models that the conditions hold for, whatever their words.</summary>
    public Task<IndexAnswer> TheseAsync(IReadOnlyList<Guid> ids, CancellationToken ct) =>
        AskAsync("", [.. Conditions, Filter.In("id", ids.Select(id => id.ToString()))], 1, ids.Count, ct);

    private async Task<IndexAnswer> AskAsync(string text, string[] conditions, int page, int size, CancellationToken ct)
    {
        var answer = (PaginatedSearchResult<Hit>)await Index.SearchAsync<Hit>(text, new SearchQuery
        {
            Filter = conditions,
            Page = page,
            HitsPerPage = size,
            Sort = Parameters.Order,
            // By relevance, hits that lack a word come last; in another order they would come anywhere.
            MatchingStrategy = Parameters.Order.Length == 0 ? "last" : "all",
            Facets = s_facets.Values,
            AttributesToRetrieve = s_retrieved,
            AttributesToHighlight = s_highlighted,
            AttributesToCrop = ["text"],
            CropLength = 30,
            HighlightPreTag = Highlights.Begin.ToString(),
            HighlightPostTag = Highlights.End.ToString(),
        }, ct);
        return new IndexAnswer(answer.TotalHits, [.. answer.Hits], s_facets.ToDictionary(
            facet => facet.Key,
            IReadOnlyDictionary<string, long> (facet) => (answer.FacetDistribution.GetValueOrDefault(facet.Value) ?? new Dictionary<string, int>())
                .ToDictionary(count => count.Key, count => (long)count.Value)));
    }
}

internal sealed record IndexAnswer(long Total, IReadOnlyList<Hit> Hits, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Facets)
{
    /// <summary>Counts another answer's models too; the two share none.</summary>
    public IndexAnswer With(IndexAnswer other) => this with
    {
        Total = Total + other.Total,
        Facets = Facets.ToDictionary(facet => facet.Key, IReadOnlyDictionary<string, long> (facet) =>
            facet.Value.Concat(other.Facets[facet.Key]).GroupBy(count => count.Key, count => count.Value)
                .Select(counts => (Value: counts.Key, Count: counts.Sum())).OrderByDescending(count => count.Count)
                .ToDictionary(count => count.Value, count => count.Count)),
    };
}

/// <summary>A hit as Meilisearch tells it.</summary>
internal sealed record Hit(
    Guid Id, string Owner, string Name, string Title, string? Summary, string? Task, string? Domain, string[] Frameworks, string[] Formats,
    string? License, string[] Tags, long? Parameters, long SizeBytes, double? LatencyP50Ms, string Visibility, long UpdatedAt,
    [property: JsonPropertyName("_formatted")] FormattedHit Formatted)
{
    public SearchHit View() => new(
        Id, Owner, Name, Title, Summary, Task, Domain, Frameworks, Formats, License, Tags, Parameters, SizeBytes, LatencyP50Ms,
        Enum.Parse<Visibility>(Visibility), DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt), Formatted.Highlights());
}

internal sealed record FormattedHit(string Title, string Name, string? Summary, string[] Tags, string? Text)
{
    public Dictionary<string, IReadOnlyList<TextPiece>> Highlights()
    {
        (string Field, string? Text)[] fields = [("title", Title), ("name", Name), ("summary", Summary), ("tags", string.Join(", ", Tags)), ("text", Text)];
        return fields.Select(field => (field.Field, Pieces: Queries.Highlights.Pieces(field.Text))).Where(field => field.Pieces is not null)
            .ToDictionary(field => field.Field, field => field.Pieces!);
    }
}
