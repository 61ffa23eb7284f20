using System.Globalization;

namespace ZooPlatform.Web.Pages;

/// <summary>What the address of the search page asks for.</summary>
internal sealed class SearchQuery(IQueryCollection query)
{
    public string Text { get; } = query["q"].ToString();

    public string Sort { get; } = query["sort"].ToString();

    /// <summary>Chosen facets and their values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Chosen { get; } =
        [.. SearchFacets.All.SelectMany(facet => query[facet.Name].OfType<string>().Select(value => KeyValuePair.Create(facet.Name, value)))];

    /// <summary>Nothing was asked: the page that newcomers see first.</summary>
    public bool IsEmpty => Text.Length == 0 && Sort.Length == 0 && Chosen.Count == 0 && !query.ContainsKey("page");

    public bool Has(string facet, string value) => Chosen.Contains(KeyValuePair.Create(facet, value));

    /// <summary>The whole of it, as Search takes it: what the form left empty is not asked.</summary>
    public QueryString Asked => QueryOf(Chosen, query["page"]);

    /// <summary>The same search with this value chosen, or no longer chosen; from its first page.</summary>
    public string Toggled(string facet, string value)
    {
        var pair = KeyValuePair.Create(facet, value);
        return $"/{QueryOf(Has(facet, value) ? Chosen.Where(other => !other.Equals(pair)) : Chosen.Append(pair), null)}";
    }

    public string OnPage(int page) => $"/{QueryOf(Chosen, page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null)}";

    private QueryString QueryOf(IEnumerable<KeyValuePair<string, string>> chosen, string? page) => QueryString.Create(
        new[] { KeyValuePair.Create("q", Text), KeyValuePair.Create("sort", Sort), KeyValuePair.Create("page", page ?? "") }.Concat(chosen)
            .Where(pair => pair.Value.Length > 0).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
}
