using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Formats;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Uploads;

internal abstract record CompleteOutcome
{
    internal sealed record Completed : CompleteOutcome;

    internal sealed record Incomplete(long OffsetBytes) : CompleteOutcome;

    internal sealed record Mismatch(string Actual) : CompleteOutcome;

    internal sealed record Busy : CompleteOutcome;

    /// <summary>It was deleted meanwhile.</summary>
    internal sealed record Gone : CompleteOutcome;
}

/// <summary>Makes a fully received upload a blob. Safe to repeat, also after a crash at any point.</summary>
/// <remarks>
/// 1. Hold the file. Somebody who holds it to complete it is waited for, since the answer will be the same. From here on it goes on when the client leaves.
/// 2. Hash what lies on the disk, unless it was hashed as it came; refuse and delete other bytes than declared.
/// 3. Note that the bytes are right. From here on a missing file means: the store took it.
/// 4. Keep the file as a blob. 5. Stage the blob and close the upload.
/// </remarks>
internal sealed class CompleteUpload(
    ArtifactDb db, IBlobStore store, Spool spool, StageBlob stage, RunningHashes hashes, JobSignal<MapNewBlobs> mapping, TimeProvider time,
    ILogger<CompleteUpload> logger)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <param name="patience">How long somebody else who completes it is waited for; null: 20 s, for clients that ask again.</param>
    public async Task<CompleteOutcome> RunAsync(Upload asked, Caller caller, CancellationToken ct, TimeSpan? patience = null)
    {
        // 1
        var until = time.GetUtcNow() + (patience ?? s_patience);
        while (true)
        {
            var upload = await db.Uploads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == asked.Id, ct);
            if (upload is null) return new CompleteOutcome.Gone();
            if (upload.State == UploadState.Complete) return new CompleteOutcome.Completed();
            if (upload.OffsetBytes != upload.SizeBytes) return new CompleteOutcome.Incomplete(upload.OffsetBytes);
            using (var file = UploadFile.TryHold(spool, upload.Id))
            {
                if (file is not null) return await CompleteAsync(asked.Id, caller, file, CancellationToken.None);   // to its end: 50 GB take longer to hash than proxies wait
            }
            if (time.GetUtcNow() > until) return new CompleteOutcome.Busy();
            await Task.Delay(s_pause, time, ct);
        }
    }

    private async Task<CompleteOutcome> CompleteAsync(Guid id, Caller caller, UploadFile file, CancellationToken ct)
    {
        var upload = await db.Uploads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct);
        if (upload is null || upload.State == UploadState.Complete)
        {
            File.Delete(file.Path);   // holding it made it anew
            return upload is null ? new CompleteOutcome.Gone() : new CompleteOutcome.Completed();
        }
        if (!BlobHash.TryParse(upload.Sha256, out var hash)) throw new InvalidOperationException($"Upload {id} has the hash '{upload.Sha256}'.");
        var moved = upload.State == UploadState.Verified && RandomAccess.GetLength(file.Handle) != upload.SizeBytes;
        if (moved) return await FinishMovedAsync(upload, hash, caller, file, ct);
        // 2
        var actual = hashes.TakeWhole(id, upload.SizeBytes) ?? BlobHash.Of(await FileHash.Sha256Async(file.Handle, upload.SizeBytes, ct: ct));
        if (actual != hash)
        {
            await db.Uploads.Where(row => row.Id == id).ExecuteDeleteAsync(CancellationToken.None);
            File.Delete(file.Path);
            logger.UploadRefused(id, actual.Value, upload.Sha256);
            return new CompleteOutcome.Mismatch(actual.Value);
        }
        // 3
        RandomAccess.SetLength(file.Handle, upload.SizeBytes);
        await db.Uploads.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(one => one.State, UploadState.Verified), ct);
        Failpoint.Reach("complete.verified");
        // 4
        var facts = BlobFacts.Of(file.Handle, hash, upload.SizeBytes);
        if (!Disk.ShareHeld(file.Handle)) return new CompleteOutcome.Busy();   // the file is about to be the blob, which others read: held alone it would be closed to them
        await using var kept = await store.KeepAsync(file.Handle, file.Path, facts.Ref, ct);
        Failpoint.Reach("complete.kept");
        // 5
        return await CloseAsync(upload, facts, caller);
    }

    private async Task<CompleteOutcome> FinishMovedAsync(Upload upload, BlobHash hash, Caller caller, UploadFile empty, CancellationToken ct)
    {
        File.Delete(empty.Path);
        var blob = new BlobRef(hash, upload.SizeBytes);
        if (!await store.LookAsync(blob, ct) || await BlobFacts.OfAsync(store, blob, ct) is not { } facts)
        {
            // Neither here nor there: begin again rather than claim bytes that are lost.
            await db.ForgetReceivedAsync(upload.Id, ct);
            return new CompleteOutcome.Incomplete(0);
        }
        return await CloseAsync(upload, facts, caller);
    }

    private async Task<CompleteOutcome> CloseAsync(Upload upload, BlobFacts facts, Caller caller)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        await stage.RunAsync(upload.RepositoryId, caller, facts, CancellationToken.None);
        await db.Uploads.Where(row => row.Id == upload.Id).ExecuteUpdateAsync(
            row => row.SetProperty(one => one.State, UploadState.Complete), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        mapping.Wake();   // staging did, too early: it was not committed yet
        Failpoint.Reach("complete.closed");
        return new CompleteOutcome.Completed();
    }
}
