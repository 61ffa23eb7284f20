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

/// <summary>How the search index stands, and the rebuild that is under way or was the last.</summary>
/// <param name="Answers">False while there is no whole index: searches are refused with 503.</param>
/// <param name="Reason">Why it is built: <c>settings</c> (another version's), <c>asked</c> or <c>missing</c>; null when it is ready.</param>
/// <param name="Written">Repositories that the index being built holds.</param>
/// <param name="Total">Repositories it will hold.</param>
/// <param name="BuiltAt">When the index that answers took its place.</param>
public sealed record IndexView(
    IndexStatus Status, bool Answers, string? Reason, long Written, long Total, DateTimeOffset? StartedAt, DateTimeOffset? BuiltAt);

public enum IndexStatus
{
    Ready,
    Waiting,
    Building,
}
