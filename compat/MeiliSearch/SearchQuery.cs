namespace Meilisearch;

/// <summary>What every kind of search says. What is null is not sent.</summary>
public class SearchQueryBase
{
    public string IndexUid { get; set; }

    public string Q { get; set; }

    /// <summary>A string, or arrays: the outer one joined by AND, the inner ones by OR.</summary>
    public dynamic Filter { get; set; }

    public IEnumerable<string> AttributesToRetrieve { get; set; }

    public IEnumerable<string> AttributesToCrop { get; set; }

    /// <summary>In words.</summary>
    public int? CropLength { get; set; }

    public IEnumerable<string> AttributesToHighlight { get; set; }

    public string CropMarker { get; set; }

    public string HighlightPreTag { get; set; }

    public string HighlightPostTag { get; set; }

    public IEnumerable<string> Facets { get; set; }

    /// <summary><c>field:asc</c> or <c>field:desc</c>.</summary>
    public IEnumerable<string> Sort { get; set; }

    /// <summary><c>last</c> (the default), <c>all</c> or <c>frequency</c>.</summary>
    public string MatchingStrategy { get; set; }
}

/// <summary>A search in one index.</summary>
public class SearchQuery : SearchQueryBase
{
    public int? Offset { get; set; }

    public int? Limit { get; set; }

    public int? HitsPerPage { get; set; }

    /// <summary>From 1; with it (or <see cref="HitsPerPage"/>) totals are exact.</summary>
    public int? Page { get; set; }
}
