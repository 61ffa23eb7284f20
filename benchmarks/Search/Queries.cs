using System.Text.Json;

namespace ZooPlatform.Measure.Search;

/// <summary>What somebody types.</summary>
/// <param name="Wanted">The title it was made from; null: none in particular.</param>
internal sealed record Query(string Kind, string Text, string? Wanted);

/// <summary>Recorded queries, and queries made from titles: the title itself, with one random slip, or its beginning.</summary>
internal static class Queries
{
    public static IReadOnlyList<Query> Recorded(IEnumerable<JsonElement> rankings) =>
    [
        .. rankings.Select(line => new Query(
            line.GetProperty("kind").GetString() switch { "own-title" => "exact", "own-title-typo" => "typo", "own-title-prefix" => "prefix", var other => other! },
            line.GetProperty("q").GetString()!, line.TryGetProperty("wanted", out var wanted) ? wanted.GetString() : null)),
    ];

    /// <summary>A quarter titles, half titles with a slip, a quarter beginnings of 60 to 90 %; of titles of at least five letters.</summary>
    public static IReadOnlyList<Query> Made(IEnumerable<string> titles, int count, int seed)
    {
        var random = new Random(seed);
        var pool = titles.Where(title => title.Count(char.IsLetter) >= 5).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        random.Shuffle(pool);
        return [.. pool.Take(count).Select((title, i) => (i % 4) switch
        {
            0 => new Query("exact", title, title),
            3 => new Query("prefix", title[..(int)(title.Length * (0.6 + (0.3 * random.NextDouble())))].TrimEnd(), title),
            _ => new Query("typo", Slip(title, random), title),
        })];
    }

    /// <summary>A letter left out, put in, changed, or changed places with the next character.</summary>
    private static string Slip(string title, Random random)
    {
        while (true)
        {
            var at = random.Next(title.Length);
            var letter = (char)('a' + random.Next(26));
            if (!char.IsLetter(title[at])) continue;
            var slipped = random.Next(4) switch
            {
                0 => title.Remove(at, 1),
                1 => title.Insert(at, $"{letter}"),
                2 => $"{title[..at]}{letter}{title[(at + 1)..]}",
                _ => at + 1 < title.Length ? $"{title[..at]}{title[at + 1]}{title[at]}{title[(at + 2)..]}" : title,
            };
            if (!slipped.Equals(title, StringComparison.OrdinalIgnoreCase)) return slipped;
        }
    }
}
