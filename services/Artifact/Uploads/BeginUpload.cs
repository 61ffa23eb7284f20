using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Uploads;

/// <summary>Begins an upload, or finds the one that this caller began, maybe in another process.</summary>
internal sealed class BeginUpload(ArtifactDb db, KeepQuota quota, TimeProvider time)
{
    public async Task<(Upload Upload, bool Found)> RunAsync(Guid repositoryId, Caller caller, BlobHash hash, long sizeBytes, CancellationToken ct)
    {
        var (subject, sha256) = (caller.Subject, hash.Value);
        var begun = await db.Uploads.AsNoTracking().Where(row => row.RepositoryId == repositoryId && row.Subject == subject
                && row.Sha256 == sha256 && row.SizeBytes == sizeBytes && row.State != UploadState.Complete)
            .OrderByDescending(row => row.OffsetBytes).FirstOrDefaultAsync(ct);
        if (begun is not null) return (begun, true);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await quota.RunAsync(repositoryId, [(sha256, sizeBytes)], ct);   // the row reserves its bytes
        var now = time.GetUtcNow();
        var upload = new Upload { Id = Guid.CreateVersion7(now), RepositoryId = repositoryId, Subject = subject, Sha256 = sha256, SizeBytes = sizeBytes, TouchedAt = now };
        db.Uploads.Add(upload);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return (upload, false);
    }
}
