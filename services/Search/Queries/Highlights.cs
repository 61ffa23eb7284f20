using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Search.Queries;

/// <summary>Matched words come back between two private-use characters that no document holds, and leave as pieces:
/// no markup is ever made of people's text.</summary>
internal static class Highlights
{
    public const char Begin = '\uE000';
    public const char End = '\uE001';

    /// <summary>The text without the two characters; documents are written this way.</summary>
    public static string? Unmarked(string? text) => text?.Replace(Begin, '\uFFFD').Replace(End, '\uFFFD');

    /// <summary>The pieces of a marked text; null when nothing in it is marked.</summary>
    public static IReadOnlyList<TextPiece>? Pieces(string? marked)
    {
        if (marked is null || !marked.Contains(Begin)) return null;
        var pieces = new List<TextPiece>();
        var matched = false;
        var from = 0;
        for (var at = 0; at <= marked.Length; at++)
        {
            if (at < marked.Length && marked[at] is not (Begin or End)) continue;
            if (at > from) pieces.Add(new TextPiece(marked[from..at], matched));
            if (at < marked.Length) matched = marked[at] == Begin;
            from = at + 1;
        }
        return pieces;
    }
}
