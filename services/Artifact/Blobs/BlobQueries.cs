using ZooPlatform.Artifact.Repositories;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Blobs;

internal static class BlobQueries
{
    /// <summary>Blobs whose bytes the caller need not send to this repository: they may read them somewhere, or have sent them to it. To all who
    /// ask what is there, others do not exist, so nobody learns what somebody else keeps.</summary>
    public static IQueryable<Blob> UsableBlobs(this ArtifactDb db, Guid repositoryId, Caller caller)
    {
        var subject = caller.Subject;
        var readable = db.Repositories.VisibleTo(caller);
        return db.Blobs.Where(blob =>
            db.StagedBlobs.Any(staged => staged.RepositoryId == repositoryId && staged.Subject == subject && staged.Sha256 == blob.Sha256)
            || db.RepositoryBlobs.Any(held => held.Sha256 == blob.Sha256 && readable.Any(repository => repository.Id == held.RepositoryId)));
    }

    /// <summary>What this repository's revisions hold, and what the caller sent to it. That they may read the repository is settled.</summary>
    public static IQueryable<Blob> BlobsOf(this ArtifactDb db, Guid repositoryId, Caller caller)
    {
        var subject = caller.Subject;
        return db.Blobs.Where(blob => db.RepositoryBlobs.Any(held => held.RepositoryId == repositoryId && held.Sha256 == blob.Sha256)
            || db.StagedBlobs.Any(staged => staged.RepositoryId == repositoryId && staged.Subject == subject && staged.Sha256 == blob.Sha256));
    }
}
