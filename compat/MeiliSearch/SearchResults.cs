using System.Text.Json;
using System.Text.Json.Serialization;

namespace Meilisearch;

/// <summary>An answer to a search.</summary>
[JsonConverter(typeof(ISearchableJsonConverterFactory))]
public interface ISearchable<T>
{
    string IndexUid { get; }

    IReadOnlyCollection<T> Hits { get; }

    /// <summary>Facet, value, how many matches have it.</summary>
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> FacetDistribution { get; }

    int ProcessingTimeMs { get; }

    string Query { get; }
}

/// <summary>An answer by offset and limit; its total is an estimate.</summary>
public class SearchResult<T> : ISearchable<T>
{
    public SearchResult(IReadOnlyCollection<T> hits, int offset, int limit, int estimatedTotalHits,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> facetDistribution, int processingTimeMs, string query, string indexUid)
    {
        Hits = hits;
        Offset = offset;
        Limit = limit;
        EstimatedTotalHits = estimatedTotalHits;
        FacetDistribution = facetDistribution;
        ProcessingTimeMs = processingTimeMs;
        Query = query;
        IndexUid = indexUid;
    }

    public IReadOnlyCollection<T> Hits { get; }

    public int Offset { get; }

    public int Limit { get; }

    public int EstimatedTotalHits { get; }

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> FacetDistribution { get; }

    public int ProcessingTimeMs { get; }

    public string Query { get; }

    public string IndexUid { get; }
}

/// <summary>An answer by page; its totals are exact.</summary>
public class PaginatedSearchResult<T> : ISearchable<T>
{
    public PaginatedSearchResult(IReadOnlyCollection<T> hits, int hitsPerPage, int page, int totalHits, int totalPages,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> facetDistribution, int processingTimeMs, string query, string indexUid)
    {
        Hits = hits;
        HitsPerPage = hitsPerPage;
        Page = page;
        TotalHits = totalHits;
        TotalPages = totalPages;
        FacetDistribution = facetDistribution;
        ProcessingTimeMs = processingTimeMs;
        Query = query;
        IndexUid = indexUid;
    }

    public IReadOnlyCollection<T> Hits { get; }

    public int HitsPerPage { get; }

    public int Page { get; }

    public int TotalHits { get; }

    public int TotalPages { get; }

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> FacetDistribution { get; }

    public int ProcessingTimeMs { get; }

    public string Query { get; }

    public string IndexUid { get; }
}

internal sealed class ISearchableJsonConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ISearchable<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(ISearchableJsonConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()));
}

internal sealed class ISearchableJsonConverter<T> : JsonConverter<ISearchable<T>>
{
    public override ISearchable<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var answer = JsonSerializer.Deserialize<JsonElement>(ref reader, options);
        return answer.TryGetProperty("page", out _)
            ? answer.Deserialize<PaginatedSearchResult<T>>(options)
            : answer.Deserialize<SearchResult<T>>(options);
    }

    public override void Write(Utf8JsonWriter writer, ISearchable<T> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, value.GetType(), options);
}
