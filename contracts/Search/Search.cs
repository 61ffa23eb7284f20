namespace ZooPlatform.Contracts.Search;

/// <param name="Total">All matches the caller may see.</param>
/// <param name="Facets">Facet, its values, how many matches have each.</param>
public sealed record SearchAnswer(
    string Query, int Page, int PageSize, long Total, IReadOnlyList<SearchHit> Hits,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Facets, double ElapsedMs);

/// <param name="Highlights">Field and the pieces of its text; matched pieces are marked.</param>
public sealed record SearchHit(
    Guid Id, string Owner, string Name, string Title, string? Summary, string? Task, string? Domain, IReadOnlyList<string> Frameworks,
    IReadOnlyList<string> Formats, string? License, IReadOnlyList<string> Tags, long? Parameters, long SizeBytes, double? LatencyP50Ms,
    Visibility Visibility, DateTimeOffset UpdatedAt, IReadOnlyDictionary<string, IReadOnlyList<TextPiece>> Highlights);

public sealed record TextPiece(string Text, bool Matched);
