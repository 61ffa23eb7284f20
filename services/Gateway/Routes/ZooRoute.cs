using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Gateway.Routes;

/// <summary>Paths that one service answers, and what the gateway does with them on the way.</summary>
/// <param name="Service">As in the AppHost: <c>artifact</c>.</param>
/// <param name="Pattern">An ASP.NET Core route pattern; the more literal one wins whatever the order.</param>
internal sealed record ZooRoute(string Service, string Pattern)
{
    /// <summary>How refusals that the gateway makes itself look.</summary>
    public ErrorShape Errors { get; init; } = ErrorShape.Problem;

    /// <summary>What becomes of the caller's credential.</summary>
    public Credentials Credentials { get; init; } = Credentials.Swapped;

    /// <summary>The service sees the browser's cookies, and may set some.</summary>
    public Cookies Cookies { get; init; } = Cookies.None;

    /// <summary>The credential may also be the password of Basic: git, Git LFS, OCI.</summary>
    public bool TakesBasic { get; init; }

    /// <summary>In bytes; null: the service decides.</summary>
    public long? MaxBodyBytes { get; init; } = MiB;

    /// <summary>Null: all.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    public const long MiB = 1 << 20;

    public string Id => Methods is null ? Pattern : $"{string.Join('|', Methods)} {Pattern}";
}

internal enum Credentials
{
    /// <summary>Replaced by an internal token; an anonymous one when there is none.</summary>
    Swapped,
    /// <summary>Passed on as they are: the OAuth endpoints alone.</summary>
    CallersOwn,
    /// <summary>The bearer is none of Identity's but one that the service gave and checks itself: it goes on as <c>X-Zoo-Capability</c>, beside an
    /// anonymous internal token.</summary>
    Capability,
}

internal enum Cookies
{
    None,
    /// <summary>All but the session's, which has been swapped.</summary>
    ButSession,
    All,
}
