using Microsoft.AspNetCore.Http.Features;

namespace ZooPlatform.Gateway.Forwarding;

/// <summary>The address a service is asked for is the caller's, byte for byte.</summary>
/// <remarks>Built again from the decoded path, <c>%252F</c> and <c>%2F</c> would become the same. A path with dot segments is
/// the exception: there the cleaned one goes on, which is the one that was routed.</remarks>
internal static class RawTarget
{
    private static readonly UriCreationOptions s_asGiven = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Null: let YARP build it.</summary>
    public static Uri? Of(HttpContext context, string destination)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (raw is not ['/', ..] || HasDotSegments(raw.Split('?')[0])) return null;
        return Uri.TryCreate(destination.TrimEnd('/') + raw, s_asGiven, out var uri) ? uri : null;
    }

    private static bool HasDotSegments(string path) =>
        path.Contains("/.", StringComparison.Ordinal) || path.Contains("/%2e", StringComparison.OrdinalIgnoreCase);
}
