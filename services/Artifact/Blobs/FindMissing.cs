using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Says which blobs must be sent, and stages the others for this caller and repository.</summary>
/// <remarks>Only what the caller may read anyway, or has sent to this very repository, counts as there: a blob that only
/// somebody else's private repository holds is "missing", so nobody learns of it. Asking again begins the grace of what is staged anew: whoever
/// asks wants it, a push may take longer than the grace, and what is kept for them counts towards the quota.</remarks>
internal sealed class FindMissing(ArtifactDb db, IBlobStore store, StageBlob stage)
{
    public async Task<IReadOnlyList<string>> RunAsync(
        Guid repositoryId, Caller caller, IReadOnlyList<BlobReference> asked, CancellationToken ct)
    {
        var hashes = asked.Select(blob => blob.Sha256).Distinct().ToArray();
        var there = await db.UsableBlobs(repositoryId, caller).Where(blob => hashes.Contains(blob.Sha256))
            .Select(blob => new { blob.Sha256, blob.SizeBytes })
            .ToDictionaryAsync(blob => blob.Sha256, blob => blob.SizeBytes, ct);

        // A file that is lost or cut counts as missing: sending it again mends it.
        var kept = asked.Where(blob => there.TryGetValue(blob.Sha256, out var size) && size == blob.SizeBytes)
            .Select(blob => BlobHash.TryParse(blob.Sha256, out var hash) ? new BlobRef(hash, blob.SizeBytes) : (BlobRef?)null).OfType<BlobRef>().ToHashSet();
        kept.ExceptWith(await store.FindLostAsync(kept, ct));
        var staged = await stage.LinkAsync(repositoryId, caller, [.. kept.Select(blob => blob.Hash.Value)], ct);
        return [.. hashes.Except(staged, StringComparer.Ordinal)];
    }
}
