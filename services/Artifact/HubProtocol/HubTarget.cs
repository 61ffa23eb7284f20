using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>What stands in an address after the repository: a revision, and maybe a path.</summary>
/// <param name="Name">The revision as it was named; <c>HEAD</c> is the default branch.</param>
/// <param name="Revision">Null: a branch of a repository that is empty as yet.</param>
/// <param name="Path">Empty: the root.</param>
internal sealed record HubTarget(string Name, Revision? Revision, string Path)
{
    private const int MaxSegmentsOfName = 4;

    /// <summary>Reads it from the address as it was sent.</summary>
    /// <remarks>Python escapes a slash in a revision or a path, JavaScript does not; both have to work, and the decoded path cannot tell them apart.
    /// So: a first segment with an escaped slash is the revision; so are <c>refs/pr/1</c> and its like; else the first segment is,
    /// or, when there is no such revision, the first few together.</remarks>
    /// <param name="skip">Segments before it.</param>
    /// <returns>Null: no such revision.</returns>
    public static async Task<HubTarget?> FindAsync(HttpRequest request, int skip, Guid repositoryId, ArtifactDb db, CancellationToken ct)
    {
        if (Segments(request, skip) is not { Count: > 0 } segments) return null;
        var begin = segments[0] == "refs" && segments.Count >= 3 ? 3 : 1;
        for (var count = begin; count <= Math.Max(begin, Math.Min(segments.Count, MaxSegmentsOfName)); count++)
        {
            var name = NameOf(string.Join('/', segments.Take(count)));
            if (await db.FindRevisionAsync(repositoryId, name, ct) is { } revision) return new HubTarget(name, revision, PathAfter(count));
        }
        var unborn = NameOf(string.Join('/', segments.Take(begin)));
        return RefName.TryParse(unborn, out _, out _) && !await db.Refs.AnyAsync(found => found.RepositoryId == repositoryId, ct)
            ? new HubTarget(unborn, null, PathAfter(begin)) : null;

        string PathAfter(int count) => string.Join('/', segments.Skip(count));
    }

    /// <summary>What follows as one name: <c>feat%2Fx</c> or <c>feat/x</c>; empty when there is nothing.</summary>
    public static string NameAfter(HttpRequest request, int skip) => NameOf(string.Join('/', Segments(request, skip) ?? []));

    private static string NameOf(string named)
    {
        if (named == "HEAD") return Ref.Main;
        foreach (var prefix in new[] { "refs/heads/", "refs/tags/" })
            if (named.StartsWith(prefix, StringComparison.Ordinal)) return named[prefix.Length..];
        return named;
    }

    /// <returns>Null: the address was not what it was routed by.</returns>
    private static List<string>? Segments(HttpRequest request, int skip)
    {
        var raw = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0];
        if (raw is not ['/', ..]) return null;
        var segments = raw[1..].TrimEnd('/').Split('/').Select(Uri.UnescapeDataString).ToList();
        return segments.Any(segment => segment is "." or "..") || segments.Count < skip ? null : segments[skip..];
    }
}
