using System.Text.RegularExpressions;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.ServiceDefaults.Tests;

/// <summary>The tables of docs/ say what the code says: refusals in api.md, events in logging.md.</summary>
public sealed partial class DocumentedTests
{
    [Fact]
    public void Every_refusal_is_in_the_table_with_its_statuses()
    {
        var inCode = Sources().SelectMany(source => Refusal().Matches(source))
            .GroupBy(match => match.Groups[2].Value, match => int.TryParse(match.Groups[1].Value, out _) ? match.Groups[1].Value : "any")
            .Select(refusal => $"`{refusal.Key}` {string.Join(", ", refusal.Distinct().Order(StringComparer.Ordinal))}");
        ShouldBeSame(inCode, Rows("api.md", "`").Select(row => $"{row[0]} {row[1]}"), "docs/api.md, Refusals");
    }

    [Fact]
    public void Every_log_event_is_in_the_table_and_has_a_number_of_its_own()
    {
        var inCode = Sources().SelectMany(source => Event().Matches(source))
            .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value.ToLowerInvariant().Replace("information", "info", StringComparison.Ordinal)} {match.Groups[3].Value}").ToList();
        Assert.Equal([], inCode.GroupBy(line => line.Split(' ')[0]).Where(same => same.Count() > 1).SelectMany(same => same));
        ShouldBeSame(inCode, Rows("logging.md", "").Where(row => int.TryParse(row[0], out _)).Select(row => $"{row[0]} {row[1]} {row[3]}"), "docs/logging.md, Events");
    }

    private static void ShouldBeSame(IEnumerable<string> inCode, IEnumerable<string> inTable, string where)
    {
        var (code, table) = (inCode.ToHashSet(), inTable.ToHashSet());
        Assert.NotEmpty(code);
        var missing = code.Except(table).Order(StringComparer.Ordinal).Select(row => $"add:    {row}");
        var extra = table.Except(code).Order(StringComparer.Ordinal).Select(row => $"remove: {row}");
        Assert.True(code.SetEquals(table), $"{where}:\n{string.Join('\n', missing.Concat(extra))}");
    }

    private static IEnumerable<string> Sources() =>
        from folder in new[] { "services", "ServiceDefaults" }
        from path in Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, folder), "*.cs", SearchOption.AllDirectories)
        where !path.Contains("/obj/") && !path.Contains("/bin/") && !path.Contains("/node_modules/")
        select File.ReadAllText(path);

    private static IEnumerable<string[]> Rows(string page, string begin) => File.ReadLines(Path.Combine(SharedFolder.Repository, "docs", page))
        .Where(line => line.StartsWith($"| {begin}", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | "));

    [GeneratedRegex("""\b(?:Of|new)\(\s*([\w.]+), "([a-z0-9-]+(?:\.[a-z0-9-]+)?)",?\s""")]
    private static partial Regex Refusal();

    [GeneratedRegex("""LoggerMessage\((\d+), LogLevel\.(\w+), "((?:[^"\\]|\\.)*)"\)""")]
    private static partial Regex Event();
}
