using System.Text.RegularExpressions;

namespace ZooPlatform.Identity.Owners;

/// <summary>The name of a user or an organisation, and the first segment of its repositories' addresses.</summary>
internal readonly partial record struct OwnerName
{
    public const int MaxChars = 96;
    public const string Rule =
        "1 to 96 of A-Z a-z 0-9 . _ -, the first a letter or digit, the last neither . nor -, no .. or --, not ending in .git or .lock, and no reserved word";

    /// <summary>First path segments of the platform's own pages and protocols, and words that its addresses use.</summary>
    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal)
    {
        "api", "docs", "connect", "oauth", "account", "oci", "datasets", "spaces", "xet", "v1", "v2", "compat", "health", "alive", "openapi", "internal",
        "models", "infer", "ready", "config", "stats", "versions", "generate", "repository", "admin",
        "ui", "search", "new", "settings", "users", "organisations", "runs", "devices", "about", "error", "favicon.ico", "robots.txt", "_framework",
    };

    private OwnerName(string value) => Value = value;

    public string Value { get; }

    /// <summary>What decides whether two names are the same.</summary>
    public string Folded => Fold(Value);

    public static string Fold(string name) => name.ToLowerInvariant();

    public static bool TryParse(string? text, out OwnerName name)
    {
        name = default;
        if (text is null || text.Length > MaxChars || !Shape().IsMatch(text)) return false;
        var folded = Fold(text);
        if (folded.EndsWith(".git", StringComparison.Ordinal) || folded.EndsWith(".lock", StringComparison.Ordinal)) return false;
        if (s_reserved.Contains(folded)) return false;
        name = new OwnerName(text);
        return true;
    }

    /// <summary>The first administrator's name: reserved, so that nobody else can have taken it.</summary>
    public static OwnerName FirstAdministrator => new("admin");

    [GeneratedRegex(@"^(?!.*(\.\.|--))[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
