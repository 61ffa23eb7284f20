using System.Text.Json.Serialization;
using Meilisearch;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Search.Queries;

/// <summary>Asks Meilisearch, for one caller, and tells what it found. The only place that queries the index.</summary>
internal sealed class SearchModels(MeilisearchClient meilisearch, SearchDb db, IOptions<SearchOptions> options, TimeProvider time)
{
    private static readonly string[] s_highlighted = ["title", "name", "summary", "tags", "text"];

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

    /// <exception cref="MeilisearchApiError">The index is not there, or the server refuses our key.</exception>
    /// <exception cref="MeilisearchCommunicationError">The server cannot be reached.</exception>
    public async Task<SearchAnswer> RunAsync(SearchParameters parameters, Caller caller, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var visible = Filter.VisibleTo(caller, await Entries.HiddenAsync(db, ct));
        var answer = (PaginatedSearchResult<Hit>)await meilisearch.Index(options.Value.Index).SearchAsync<Hit>(parameters.Text, new SearchQuery
        {
            Filter = parameters.Conditions.Prepend(visible).ToArray(),
            Page = parameters.PageNumber,
            HitsPerPage = parameters.Size,
            Sort = parameters.Order,
            // By relevance, hits that lack a word come last; in another order they would come anywhere.
            MatchingStrategy = parameters.Order.Length == 0 ? "last" : "all",
            Facets = s_facets.Values,
            AttributesToHighlight = s_highlighted,
            AttributesToCrop = ["text"],
            CropLength = 30,
            HighlightPreTag = Highlights.Begin.ToString(),
            HighlightPostTag = Highlights.End.ToString(),
        }, ct);
        return new SearchAnswer(
            parameters.Text, parameters.PageNumber, parameters.Size, answer.TotalHits, [.. answer.Hits.Select(View)], Facets(answer),
            time.GetElapsedTime(start).TotalMilliseconds);
    }

    private static Dictionary<string, IReadOnlyDictionary<string, long>> Facets(PaginatedSearchResult<Hit> answer) =>
        s_facets.ToDictionary(facet => facet.Key, IReadOnlyDictionary<string, long> (facet) =>
            answer.FacetDistribution.GetValueOrDefault(facet.Value)?.ToDictionary(count => count.Key, count => (long)count.Value)
            ?? new Dictionary<string, long>());

    private static SearchHit View(Hit hit) => new(
        hit.Id, hit.Owner, hit.Name, hit.Title, hit.Summary, hit.Task, hit.Domain, hit.Frameworks, hit.Formats, hit.License, hit.Tags,
        hit.Parameters, hit.SizeBytes, hit.LatencyP50Ms, Enum.Parse<Visibility>(hit.Visibility),
        DateTimeOffset.FromUnixTimeMilliseconds(hit.UpdatedAt), HighlightsOf(hit.Formatted));

    private static Dictionary<string, IReadOnlyList<TextPiece>> HighlightsOf(FormattedHit marked)
    {
        (string Field, string? Text)[] fields =
        [
            ("title", marked.Title), ("name", marked.Name), ("summary", marked.Summary), ("tags", string.Join(", ", marked.Tags)), ("text", marked.Text),
        ];
        return fields.Select(field => (field.Field, Pieces: Highlights.Pieces(field.Text))).Where(field => field.Pieces is not null)
            .ToDictionary(field => field.Field, field => field.Pieces!);
    }

    /// <summary>What of a <see cref="ModelDocument"/> comes back.</summary>
    private sealed record Hit(
        Guid Id, string Owner, string Name, string Title, string? Summary, string? Task, string? Domain, string[] Frameworks, string[] Formats,
        string? License, string[] Tags, long? Parameters, long SizeBytes, double? LatencyP50Ms, string Visibility, long UpdatedAt,
        [property: JsonPropertyName("_formatted")] FormattedHit Formatted);

    private sealed record FormattedHit(string Title, string Name, string? Summary, string[] Tags, string? Text);
}
