using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Storage;

internal static class StorageQueries
{
    /// <summary>What these repositories hold. Sharing is counted with repositories that the caller may read and with no other: whether somebody's
    /// private repository has the same bytes is nobody's business.</summary>
    public static async Task<StorageView> StorageAsync(this ArtifactDb db, Guid[] repositories, Caller caller, CancellationToken ct)
    {
        var revisions = await db.Revisions.Where(row => repositories.Contains(row.RepositoryId)).GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Bytes = all.Sum(row => row.SizeBytes) }).SingleOrDefaultAsync(ct);
        var others = db.Repositories.VisibleTo(caller).Where(row => row.DeletedAt == null && !repositories.Contains(row.Id));
        var blobs = db.Blobs.Where(blob => db.RepositoryBlobs.Any(held => held.Sha256 == blob.Sha256 && repositories.Contains(held.RepositoryId)));
        var physical = await blobs.SumAsync(blob => blob.SizeBytes, ct);
        var shared = await blobs.Where(blob => db.RepositoryBlobs.Any(held => held.Sha256 == blob.Sha256 && others.Any(other => other.Id == held.RepositoryId)))
            .SumAsync(blob => blob.SizeBytes, ct);
        return new StorageView(revisions?.Count ?? 0, revisions?.Bytes ?? 0, physical, shared, physical - shared);
    }
}
