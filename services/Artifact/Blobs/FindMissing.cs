using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Says which blobs must be sent, and stages the others for this caller and repository.</summary>
/// <remarks>Only what the caller may read anyway, or has sent to this very repository, counts as there: a blob that only
/// somebody else's private repository holds is "missing", so nobody learns of it.</remarks>
internal sealed class FindMissing(ArtifactDb db, IBlobStore store, TimeProvider time)
{
    public async Task<IReadOnlyList<string>> RunAsync(
        Guid repositoryId, Caller caller, IReadOnlyList<BlobReference> asked, CancellationToken ct)
    {
        var hashes = asked.Select(blob => blob.Sha256).Distinct().ToArray();
        var subject = caller.Subject;
        var there = await db.UsableBlobs(repositoryId, caller).Where(blob => hashes.Contains(blob.Sha256))
            .Select(blob => new { blob.Sha256, blob.SizeBytes })
            .ToDictionaryAsync(blob => blob.Sha256, blob => blob.SizeBytes, ct);

        // A file that is lost or cut counts as missing: sending it again mends it.
        var kept = asked.Where(blob => there.TryGetValue(blob.Sha256, out var size) && size == blob.SizeBytes)
            .Select(blob => BlobHash.TryParse(blob.Sha256, out var hash) ? new BlobRef(hash, blob.SizeBytes) : (BlobRef?)null).OfType<BlobRef>().ToHashSet();
        kept.ExceptWith(await store.FindLostAsync(kept, ct));
        var linked = kept.Select(blob => blob.Hash.Value).ToArray();
        // What a sweep deletes just now is locked until it is gone, and then missing.
        var staged = await db.Database.SqlQuery<string>($"""
            insert into staged_blobs (repository_id, subject, sha256, staged_at)
            select {repositoryId}, {subject}, sha256, {time.GetUtcNow()} from (select sha256 from blobs where sha256 = any({linked}) order by sha256 for key share) as linked
            on conflict (repository_id, subject, sha256) do update set staged_at = excluded.staged_at
            returning sha256 as "Value"
            """).ToListAsync(ct);
        return [.. hashes.Except(staged, StringComparer.Ordinal)];
    }
}
