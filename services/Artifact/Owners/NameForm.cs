namespace ZooPlatform.Artifact.Owners;

/// <summary>The form that names of owners, repositories, branches and tags share, so that each can stand in a path,
/// in a file name and in a git ref.</summary>
internal static class NameForm
{
    public const int MaxChars = 96;

    /// <summary>Why the text is no name, as the end of a sentence; null when it is one.</summary>
    public static string? Refusal(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "is empty";
        if (text.Length > MaxChars) return $"is longer than {MaxChars} characters";
        if (!char.IsAsciiLetterOrDigit(text[0])) return "does not begin with a letter or digit";
        if (!text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')) return "holds something else than letters, digits, '.', '_' and '-'";
        if (text.Contains("--", StringComparison.Ordinal) || text.Contains("..", StringComparison.Ordinal)) return "holds '--' or '..'";
        if (text[^1] is '.' or '-') return "ends with '.' or '-'";
        if (text.EndsWith(".git", StringComparison.OrdinalIgnoreCase) || text.EndsWith(".lock", StringComparison.OrdinalIgnoreCase)) return "ends with '.git' or '.lock'";
        return null;
    }
}
