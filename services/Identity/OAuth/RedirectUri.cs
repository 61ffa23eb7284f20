using System.Text.RegularExpressions;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Where a client wants its answer. Exact, because every looseness here has been a way to steal codes (RFC 9700, section 2.1).</summary>
internal static partial class RedirectUri
{
    /// <summary>Is it byte for byte a registered one? On http://127.0.0.1 and http://[::1] alone, the port may differ.</summary>
    public static bool IsRegistered(string given, IEnumerable<string> registered) =>
        registered.Any(known => known == given || (Loopback().Match(known) is { Success: true } ours && Loopback().Match(given) is { Success: true } theirs
            && ours.Groups["host"].ValueSpan.SequenceEqual(theirs.Groups["host"].ValueSpan)
            && ours.Groups["rest"].ValueSpan.SequenceEqual(theirs.Groups["rest"].ValueSpan)));

    /// <summary>May a client be registered with it?</summary>
    public static bool CanBeRegistered(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && uri.Length <= 2000 && !uri.Contains('*', StringComparison.Ordinal)
        && !uri.Contains('#', StringComparison.Ordinal) && parsed.UserInfo.Length == 0 && !uri.Any(c => c is <= ' ' or >= '\x7f')
        && (parsed.Scheme == Uri.UriSchemeHttps || Loopback().IsMatch(uri));

    [GeneratedRegex(@"^(?<host>http://(127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?(?<rest>/[^#]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Loopback();
}
