using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>The lines of the root's <c>.gitattributes</c> that say which files git-lfs keeps, and new ones where they are missing.</summary>
internal sealed class GitAttributes
{
    public const string FileName = ".gitattributes";
    public const int MaxBytes = 64 * 1024;

    /// <summary>git fsck refuses longer lines.</summary>
    private const int MaxLineBytes = 2048;

    private const string LfsAttributes = "filter=lfs diff=lfs merge=lfs -text";

    /// <summary>Extensions whose files are never text: one line covers them all. Anything else is named by its whole path, so
    /// that one large tokenizer.json does not turn every JSON file into a pointer.</summary>
    private static readonly HashSet<string> s_binaryExtensions = new(StringComparer.Ordinal)
    {
        "onnx", "ort", "pb", "pt", "pth", "bin", "safetensors", "gguf", "ggml", "h5", "hdf5", "keras", "tflite", "mlmodel", "caffemodel",
        "ckpt", "msgpack", "pkl", "pickle", "joblib", "model", "npy", "npz", "parquet", "arrow", "data", "weights", "engine",
        "zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "png", "jpg", "jpeg", "gif", "webp", "bmp", "pdf",
        "wav", "mp3", "flac", "ogg", "mp4", "webm", "so", "wasm",
    };

    private readonly List<Rule> _rules = [];
    private readonly StringBuilder _text = new();

    private GitAttributes()
    {
    }

    /// <summary>Lines were added.</summary>
    public bool Grew { get; private set; }

    public byte[] Content => Encoding.UTF8.GetBytes(_text.ToString());

    public static GitAttributes Empty => new();

    /// <returns>Null: a line is longer than git allows.</returns>
    public static GitAttributes? Parse(ReadOnlySpan<byte> content)
    {
        var attributes = new GitAttributes();
        var text = Encoding.UTF8.GetString(content);
        foreach (var line in text.Split('\n'))
        {
            if (Encoding.UTF8.GetByteCount(line) > MaxLineBytes) return null;
            attributes.AddRule(line);
        }
        attributes._text.Append(text);
        if (text.Length > 0 && text[^1] != '\n') attributes._text.Append('\n');
        return attributes;
    }

    /// <summary>Does git-lfs keep this file? The last line that says anything about it decides.</summary>
    public bool IsLfs(FilePath path) => _rules.FindLast(rule => rule.Matches(path))?.Lfs ?? false;

    /// <summary>Makes sure that a line covers the file.</summary>
    public void Cover(FilePath path)
    {
        if (IsLfs(path)) return;
        var extension = Path.GetExtension(path.Segments[^1]).TrimStart('.');
        var pattern = s_binaryExtensions.Contains(extension) ? $"*.{extension}" : "/" + Escape(path.Value);
        var line = $"{pattern} {LfsAttributes}";
        AddRule(line);
        _text.Append(line).Append('\n');
        Grew = true;
    }

    /// <summary>A text without the lines by which another one grew.</summary>
    /// <returns>Null: that one did not grow alone, it lost or changed lines.</returns>
    public static string? WithoutAdded(string before, string after, string later)
    {
        var (added, left) = (Lines(after), Lines(later));
        foreach (var line in Lines(before))
            if (!added.Remove(line)) return null;
        foreach (var line in added)
            if (left.LastIndexOf(line) is >= 0 and var at) left.RemoveAt(at);
        return string.Concat(left.Select(line => line + "\n"));
    }

    private static List<string> Lines(string text) => text.Length == 0 ? [] : [.. text.TrimEnd('\n').Split('\n')];

    private void AddRule(string line)
    {
        var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || words[0][0] is '#' or '[' or '"') return;   // comments, macros, quoted patterns
        var filter = words.Skip(1).LastOrDefault(word => word.StartsWith("filter=", StringComparison.Ordinal) || word is "-filter" or "!filter" or "filter");
        if (filter is not null) _rules.Add(new Rule(words[0], filter == "filter=lfs"));
    }

    private static string Escape(string path) =>
        Regex.Replace(path, @"[*?\[\]]", found => $"\\{found.Value}").Replace(" ", "[[:space:]]", StringComparison.Ordinal);

    private sealed class Rule
    {
        private readonly Lazy<Regex> _regex;
        private readonly bool _wholePath;
        private readonly string? _ending;

        public Rule(string pattern, bool lfs)
        {
            Lfs = lfs;
            _wholePath = pattern.TrimEnd('/').Contains('/');
            if (pattern.StartsWith("*.", StringComparison.Ordinal) && pattern[1..].IndexOfAny(['*', '?', '[', '/', '\\']) < 0) _ending = pattern[1..];
            // Patterns come from whoever pushes: never a regex that can run away.
            _regex = new(() => new Regex(Translate(pattern.TrimStart('/')), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }

        public bool Lfs { get; }

        public bool Matches(FilePath path)
        {
            var name = path.Segments[^1];
            return _ending is not null ? name.EndsWith(_ending, StringComparison.Ordinal) : _regex.Value.IsMatch(_wholePath ? path.Value : name);
        }

        private static string Translate(string pattern)
        {
            var regex = new StringBuilder("^");
            for (var i = 0; i < pattern.Length; i++)
            {
                var rest = pattern.AsSpan(i);
                if (rest.StartsWith("**/")) (_, i) = (regex.Append("(?:.*/)?"), i + 2);
                else if (rest.StartsWith("**")) (_, i) = (regex.Append(".*"), i + 1);
                else if (rest.StartsWith("[[:space:]]")) (_, i) = (regex.Append(@"\s"), i + 10);
                else if (rest[0] == '*') regex.Append("[^/]*");
                else if (rest[0] == '?') regex.Append("[^/]");
                else if (rest[0] == '\\' && rest.Length > 1) regex.Append(Regex.Escape(pattern[++i].ToString()));
                else regex.Append(Regex.Escape(rest[0].ToString()));
            }
            return regex.Append('$').ToString();
        }
    }
}
