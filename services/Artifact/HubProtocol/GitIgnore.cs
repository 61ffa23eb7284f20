using System.Text;
using System.Text.RegularExpressions;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>The patterns of a <c>.gitignore</c>: the last line that covers a path decides, and nothing below an ignored folder comes back.</summary>
internal sealed class GitIgnore
{
    private const int MaxLines = 1000, MaxLineChars = 1000;
    private readonly List<(Regex Pattern, bool FoldersOnly, bool Ignores)> _rules = [];

    private GitIgnore()
    {
    }

    public static GitIgnore Parse(string text)
    {
        var ignore = new GitIgnore();
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r', ' ')).Where(line => line.Length is > 0 and <= MaxLineChars && line[0] != '#').Take(MaxLines))
        {
            var (pattern, ignores) = line[0] == '!' ? (line[1..], false) : (line, true);
            var foldersOnly = pattern.EndsWith('/');
            pattern = pattern.TrimEnd('/');
            // A slash before the end ties a pattern to the top; without one it is about a name, wherever that is.
            var anchored = pattern.Contains('/');
            if (pattern.TrimStart('/').Length > 0)
                ignore._rules.Add((new Regex($"^{(anchored ? "" : "(?:.*/)?")}{Translate(pattern.TrimStart('/'))}$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), foldersOnly, ignores));
        }
        return ignore;
    }

    public bool Covers(FilePath path)
    {
        var segments = path.Segments;
        for (var count = 1; count < segments.Length; count++)
            if (Ignores(string.Join('/', segments[..count]), folder: true)) return true;
        return Ignores(path.Value, folder: false);
    }

    private bool Ignores(string path, bool folder) =>
        _rules.FindLast(rule => (folder || !rule.FoldersOnly) && rule.Pattern.IsMatch(path)) is { Pattern: not null, Ignores: true };

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (rest.StartsWith("**/")) (_, i) = (regex.Append("(?:.*/)?"), i + 2);
            else if (rest.StartsWith("**")) (_, i) = (regex.Append(".*"), i + 1);
            else if (rest[0] == '*') regex.Append("[^/]*");
            else if (rest[0] == '?') regex.Append("[^/]");
            else if (rest[0] == '\\' && rest.Length > 1) regex.Append(Regex.Escape(pattern[++i].ToString()));
            else if (rest[0] == '[' && rest.IndexOf(']') is > 1 and var end && rest[1..end].IndexOfAny("[\\^&") < 0)
                (_, i) = (regex.Append('[').Append(rest[1] == '!' ? "^" : "").Append(rest[(rest[1] == '!' ? 2 : 1)..end]).Append(']'), i + end);
            else regex.Append(Regex.Escape(pattern[i].ToString()));
        }
        return regex.ToString();
    }
}
