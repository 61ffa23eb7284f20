using System.Text.Json;
using System.Text.Json.Serialization;

namespace Meilisearch;

/// <summary>How an index finds and ranks. What is null is left as it is.</summary>
public class Settings
{
    public IEnumerable<string> RankingRules { get; set; }

    /// <summary>In order of weight.</summary>
    public IEnumerable<string> SearchableAttributes { get; set; }

    public IEnumerable<string> DisplayedAttributes { get; set; }

    public IEnumerable<string> StopWords { get; set; }

    public Dictionary<string, IEnumerable<string>> Synonyms { get; set; }

    public IEnumerable<FilterableAttribute> FilterableAttributes { get; set; }

    public IEnumerable<string> SortableAttributes { get; set; }

    public TypoTolerance TypoTolerance { get; set; }

    public Faceting Faceting { get; set; }

    public Pagination Pagination { get; set; }
}

/// <summary>A field that filters may name.</summary>
[JsonConverter(typeof(FilterableAttributeConverter))]
public class FilterableAttribute
{
    public string Attribute { get; set; }

    public static implicit operator FilterableAttribute(string attribute) =>
        attribute is null ? null : new FilterableAttribute { Attribute = attribute };
}

public class TypoTolerance
{
    public TypoSize MinWordSizeForTypos { get; set; }

    /// <summary>From how many letters on a word may have typos.</summary>
    public class TypoSize
    {
        public int? OneTypo { get; set; }

        public int? TwoTypos { get; set; }
    }
}

public class Faceting
{
    public int MaxValuesPerFacet { get; set; }

    /// <summary>By facet; <c>*</c> is every other one.</summary>
    public Dictionary<string, SortFacetValuesByType> SortFacetValuesBy { get; set; }
}

[JsonConverter(typeof(SortFacetValuesConverter))]
public enum SortFacetValuesByType
{
    Alpha,
    Count,
}

public class Pagination
{
    /// <summary>How deep pages go.</summary>
    public int MaxTotalHits { get; set; }
}

internal sealed class SortFacetValuesConverter() : JsonStringEnumConverter<SortFacetValuesByType>(JsonNamingPolicy.CamelCase);

internal sealed class FilterableAttributeConverter : JsonConverter<FilterableAttribute>
{
    public override FilterableAttribute Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, FilterableAttribute value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Attribute);
}
