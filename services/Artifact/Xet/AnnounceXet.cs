using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Tells hub clients which files they should read by Xet: those above a size, once they are mapped. Whoever is told so reads that way
/// alone, and whoever is not reads by plain HTTP.</summary>
internal sealed class AnnounceXet(ArtifactDb db, PublicUrl url, IOptions<ArtifactOptions> options)
{
    /// <returns>By SHA-256, of those that are announced.</returns>
    public async Task<IReadOnlyDictionary<string, string>> HashesAsync(IEnumerable<(string Sha256, long SizeBytes)> files, CancellationToken ct)
    {
        var large = files.Where(file => file.SizeBytes > options.Value.AnnounceXetBytes).Select(file => file.Sha256).Distinct().ToArray();
        if (large.Length == 0) return new Dictionary<string, string>();
        return await db.Blobs.Where(blob => large.Contains(blob.Sha256) && blob.XetHash != null).Select(blob => new { blob.Sha256, blob.XetHash })
            .ToDictionaryAsync(blob => blob.Sha256, blob => XetHash.Read(blob.XetHash).ToString(), StringComparer.Ordinal, ct);
    }

    /// <summary>Writes into a download's headers what <see cref="HashesAsync"/> says of its file: its hash, and where a token to read it is had.</summary>
    public async Task TellAsync(HttpResponse response, Repository repository, Revision revision, TreeEntry file, CancellationToken ct)
    {
        if (!file.Lfs || !(await HashesAsync([(file.Sha256, file.SizeBytes)], ct)).TryGetValue(file.Sha256, out var hash)) return;
        var tokens = url.Of($"/api/models/{repository.Owner.Name}/{repository.Name}/xet-read-token/{revision.Id}");
        response.Headers["X-Xet-Hash"] = hash;
        response.Headers["X-Xet-Refresh-Route"] = tokens;
        response.Headers.Append("Link", $"<{tokens}>; rel=\"xet-auth\"");
    }
}
