using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ZooPlatform.Catalog.Stubs;

/// <summary>A model's address in the SparseZoo style:
/// <c>domain/sub_domain/architecture[-sub]/framework/repo/dataset[-scheme]/sparse_name-category[-target]</c>.</summary>
/// <remarks>A word is letters, digits, <c>.</c> and <c>_</c>. <c>zoo:</c> in front and a query behind are taken and left away.
/// Letter case is kept and does not tell stubs apart.</remarks>
public sealed partial record StubPath
{
    /// <summary>Longest stub, in characters.</summary>
    public const int MaxLength = 400;

    private StubPath(string value) => Value = value;

    /// <summary>All seven parts, joined by <c>/</c>.</summary>
    public string Value { get; }

    public string Domain => Value.Split('/')[0];
    public string SubDomain => Value.Split('/')[1];
    public string Framework => Value.Split('/')[3];

    public override string ToString() => Value;

    public static bool TryParse(string? text, [NotNullWhen(true)] out StubPath? stub)
    {
        stub = null;
        if (text is null || text.Length > MaxLength) return false;
        var value = text.Trim();
        if (value.StartsWith("zoo:", StringComparison.OrdinalIgnoreCase)) value = value[4..];
        if (value.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query) value = value[..query];
        if (!Shape().IsMatch(value)) return false;
        stub = new StubPath(value);
        return true;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._]+/[A-Za-z0-9._]+/[A-Za-z0-9._]+(-[A-Za-z0-9._]+)?/[A-Za-z0-9._]+/[A-Za-z0-9._]+/[A-Za-z0-9._]+(-[A-Za-z0-9._]+)?/[A-Za-z0-9._]+-[A-Za-z0-9._]+(-[A-Za-z0-9._]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
