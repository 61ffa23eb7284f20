using System.Security.Cryptography;
using System.Text.Json;
using Meilisearch;

namespace ZooPlatform.Search.Indexing;

/// <summary>How the index finds and ranks: what found most in <c>./zoo measure search</c>, in code.</summary>
internal static class IndexSettings
{
    public const int MaxTotalHits = 10_000;

    public static Settings Value { get; } = new()
    {
        SearchableAttributes =
            ["title", "words", "glued", "name", "owner", "stub", "task", "tags", "frameworks", "formats", "domain", "license", "summary", "text"],
        FilterableAttributes =
        [
            "id", "readers", "owner", "domain", "task", "frameworks", "formats", "license", "tags", "sizeBytes", "parameters", "latencyP50Ms", "updatedAt",
        ],
        SortableAttributes = ["updatedAt", "createdAt", "sizeBytes", "parameters", "latencyP50Ms", "name"],
        // An order that was asked for goes before all; without one "sort" says nothing. What is equal stands in order of name, else in order of writing,
        // which a rebuild changes.
        RankingRules = ["sort", "words", "typo", "attribute", "exactness", "proximity", "name:asc"],
        TypoTolerance = new TypoTolerance { MinWordSizeForTypos = new TypoTolerance.TypoSize { OneTypo = 4, TwoTypos = 7 } },
        StopWords = ["the", "a", "of", "for", "and"],
        Synonyms = new()
        {
            ["int8"] = ["quantised", "quantized"],
            ["quantised"] = ["quantized", "int8"],
            ["quantized"] = ["quantised", "int8"],
            ["segmentation"] = ["分割"],
            ["分割"] = ["segmentation"],
        },
        Faceting = new Faceting { MaxValuesPerFacet = 100, SortFacetValuesBy = new() { ["*"] = SortFacetValuesByType.Count } },
        Pagination = new Pagination { MaxTotalHits = MaxTotalHits },
    };

    /// <summary>Tells these settings from those of another version.</summary>
    public static string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Value)));
}
