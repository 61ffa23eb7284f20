using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Which paths are meant: those that match any of the first patterns (all, when there are none) and none of the second.</summary>
/// <remarks><c>*</c> and <c>?</c> stay within a folder, <c>**</c> crosses folders; a pattern without a slash is for the file's name alone; one that
/// ends with a slash is for all below that folder.</remarks>
internal sealed class Globs(IEnumerable<string> include, IEnumerable<string> exclude)
{
    private readonly List<Regex> include = [.. include.Select(Parse)];
    private readonly List<Regex> exclude = [.. exclude.Select(Parse)];

    public bool Mean(string path) => (include.Count == 0 || include.Any(g => g.IsMatch(path))) && !exclude.Any(g => g.IsMatch(path));

    private static Regex Parse(string glob)
    {
        var pattern = glob.EndsWith('/') ? glob + "**" : glob;
        var text = new StringBuilder(pattern.Contains('/', StringComparison.Ordinal) ? "^" : "^(.*/)?");
        for (var i = pattern.StartsWith('/') ? 1 : 0; i < pattern.Length; i++)
        {
            var doubled = pattern[i] == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*';
            if (doubled && i + 2 < pattern.Length && pattern[i + 2] == '/')
            {
                text.Append("(.*/)?");
                i += 2;
            }
            else if (doubled)
            {
                text.Append(".*");
                i++;
            }
            else
            {
                text.Append(pattern[i] switch { '*' => "[^/]*", '?' => "[^/]", var c => Regex.Escape(c.ToString()) });
            }
        }
        // Linear in the path, whatever the pattern.
        return new Regex(text.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }
}
