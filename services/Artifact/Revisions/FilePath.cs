using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>A file's path in a repository: relative, <c>/</c>-separated, in NFC, safe to write on every system that
/// pulls it. At most 1,024 bytes of UTF-8 and 32 segments.</summary>
internal sealed record FilePath
{
    public const int MaxBytes = 1024;
    public const int MaxSegments = 32;
    private const int MaxSegmentBytes = 255;
    private static readonly string[] s_submoduleNames = [".gitmodules", "gitmod~", "gi7eba~"];

    private FilePath(string value) => Value = value;

    public string Value { get; }

    public string[] Segments => Value.Split('/');

    public override string ToString() => Value;

    /// <param name="refusal">Why not, as the end of a sentence.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FilePath? path, [NotNullWhen(false)] out string? refusal)
    {
        refusal = Refusal(text);
        path = refusal is null ? new FilePath(text!) : null;
        return path is not null;
    }

    /// <summary>What two names in one folder may not share: equal without regard to case and to the compatibility
    /// forms that look alike.</summary>
    public static string Fold(string segment)
    {
        var folded = new StringBuilder(segment.Length);
        foreach (var c in segment)
        {
            folded.Append(c switch
            {
                >= '\uFF01' and <= '\uFF5E' => ((char)(c - 0xFEE0)).ToString(),   // full width
                '\uFB00' => "ff",
                '\uFB01' => "fi",
                '\uFB02' => "fl",
                '\uFB03' => "ffi",
                '\uFB04' => "ffl",
                '\uFB05' or '\uFB06' => "st",
                'ß' or 'ẞ' => "ss",
                'ſ' => "s",
                '\u212A' => "k",   // Kelvin
                _ => c.ToString(),
            });
        }
        return folded.ToString().ToUpperInvariant();
    }

    private static string? Refusal(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "is empty";
        if (text[0] == '/') return "is absolute; leave out the first '/'";
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes) return $"is longer than {MaxBytes} bytes";
        if (CharacterRefusal(text) is { } character) return character;
        var segments = text.Split('/');
        if (segments.Length > MaxSegments) return $"is deeper than {MaxSegments} folders";
        return segments.Select(SegmentRefusal).FirstOrDefault(refusal => refusal is not null);
    }

    private static string? CharacterRefusal(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune)) return "is not valid Unicode";
            i += rune.Utf16SequenceLength;
            if (rune.Value is '\\' or ':') return $"holds '{rune}', which other systems read as part of a path";
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                return $"holds the invisible character U+{rune.Value:X4}";
            if (MayDecompose(rune.Value)) return $"holds U+{rune.Value:X4}, which has a composed form; write the name in Unicode form NFC";
        }
        return null;
    }

    private static string? SegmentRefusal(string segment)
    {
        if (segment.Length == 0) return "holds an empty folder name ('//' or a '/' at the end)";
        if (segment is "." or "..") return $"holds '{segment}'";
        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes) return $"holds a name longer than {MaxSegmentBytes} bytes";
        if (segment[^1] is '.' or ' ') return "holds a name that ends with '.' or a space, which other systems drop";
        if (segment.Equals(".git", StringComparison.OrdinalIgnoreCase) || segment.StartsWith("git~", StringComparison.OrdinalIgnoreCase))
            return $"holds '{segment}', git's own folder";
        // The short names are what some file systems call the same file.
        if (s_submoduleNames.Any(name => segment.StartsWith(name, StringComparison.OrdinalIgnoreCase))) return "is .gitmodules: repositories here hold no submodules";
        return null;
    }

    // The runtime is built without Unicode's normalisation tables, so this is stricter than NFC and simple: no
    // combining marks that compose (Latin, Greek, Cyrillic; kana; Hangul) and no characters that NFC always replaces.
    private static bool MayDecompose(int c) => c is >= 0x0300 and <= 0x036F or 0x3099 or 0x309A
        or >= 0x1160 and <= 0x11FF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F
        or 0x037E or 0x0387 or 0x212A or 0x212B or 0x2126 or 0x2000 or 0x2001;
}
