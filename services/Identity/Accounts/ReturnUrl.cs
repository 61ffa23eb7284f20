namespace ZooPlatform.Identity.Accounts;

/// <summary>Where a sign-in goes on to: a path of this platform, never another site.</summary>
internal static class ReturnUrl
{
    public const string Home = "/";

    /// <summary>The path itself when it stays here, else the home page.</summary>
    public static string LocalOrHome(string? path) =>
        path is not null && IsLocal(path) && TryDecode(path, out var decoded) && IsLocal(decoded) ? path : Home;

    /// <remarks>Browsers read <c>\</c> as <c>/</c> and drop tabs and line ends, so <c>/\e</c> and <c>/&lt;tab&gt;/e</c> leave the site.</remarks>
    private static bool IsLocal(string path) =>
        path.Length is > 0 and <= 4096 && path[0] == '/' && !path.Any(c => char.IsControl(c) || c == '\\')
        && !path.Split('?', '#')[0].Contains("//", StringComparison.Ordinal);

    private static bool TryDecode(string path, out string decoded)
    {
        decoded = Uri.UnescapeDataString(path.Split('?', '#')[0]);
        return decoded.Length > 0;
    }
}
