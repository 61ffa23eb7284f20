using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Uploads;

internal abstract record PartOutcome
{
    internal sealed record Stored(long SizeBytes) : PartOutcome;

    /// <summary>All that fits was kept; the body held more.</summary>
    internal sealed record TooLong : PartOutcome;

    /// <summary>The upload is being completed, or continued in order.</summary>
    internal sealed record Busy : PartOutcome;
}

/// <summary>Takes bytes of an upload wherever they belong, many parts at once. Safe to repeat.</summary>
/// <remarks>1. Share the file. 2. Write the body. 3. fsync file and folder, then note what came: also when the body broke off.</remarks>
internal sealed class PutPart(ArtifactDb db, Spool spool, RunningHashes hashes, TimeProvider time)
{
    /// <param name="endBytes">Where the part ends; null: with the upload.</param>
    /// <exception cref="IOException">The client went away, or the disk refused. What came before is kept.</exception>
    public async Task<PartOutcome> RunAsync(Upload upload, long offsetBytes, Stream body, CancellationToken ct, long? endBytes = null)
    {
        // 1
        using var file = UploadFile.TryShare(spool, upload.Id);
        if (file is null) return new PartOutcome.Busy();
        if (!await db.Uploads.AnyAsync(row => row.Id == upload.Id && row.State == UploadState.Receiving, ct))
        {
            if (RandomAccess.GetLength(file.Handle) == 0) File.Delete(file.Path);   // opening it made it anew
            return new PartOutcome.Stored(0);   // completed meanwhile: the bytes are there
        }
        hashes.Forget(upload.Id);   // what was hashed may be written over
        // 2
        var copy = new BodyCopy(file.Handle, offsetBytes, endBytes ?? upload.SizeBytes);
        try
        {
            await copy.RunAsync(body, hash: null, written: null, ct);
        }
        finally
        {
            // 3
            if (copy.OffsetBytes > offsetBytes)
            {
                Failpoint.Reach("part.written");
                Disk.Sync(file.Handle, file.Path);
                Disk.SyncFolder(spool.Uploads);
                Failpoint.Reach("part.synced");
                await db.ReceivedAsync(upload.Id, offsetBytes, copy.OffsetBytes, time.GetUtcNow());
            }
        }
        return copy.TooLong ? new PartOutcome.TooLong() : new PartOutcome.Stored(copy.OffsetBytes - offsetBytes);
    }
}
