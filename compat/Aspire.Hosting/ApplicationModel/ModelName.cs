namespace Aspire.Hosting.ApplicationModel;

/// <summary>The one rule for the names of resources and endpoints.</summary>
internal static class ModelName
{
    private const int MaxLength = 64;

    /// <exception cref="ArgumentException">The name breaks the rule; the message says how.</exception>
    public static void Check(string name, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);

        var valid = name.Length <= MaxLength
            && char.IsAsciiLetter(name[0])
            && name[^1] != '-'
            && !name.Contains("--", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        if (!valid)
        {
            throw new ArgumentException(
                $"'{name}' cannot name a {kind}. Use 1 to {MaxLength} ASCII letters, digits and single hyphens, beginning with a letter and not ending with a hyphen.",
                nameof(name));
        }
    }
}
