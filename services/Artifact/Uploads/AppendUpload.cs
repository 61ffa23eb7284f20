using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Uploads;

internal abstract record AppendOutcome
{
    internal sealed record Appended(long OffsetBytes) : AppendOutcome;

    internal sealed record WrongOffset(long OffsetBytes) : AppendOutcome;

    /// <summary>All that fits was kept; the body held more.</summary>
    internal sealed record TooLong(long OffsetBytes) : AppendOutcome;

    internal sealed record Busy : AppendOutcome;
}

/// <summary>Takes the next bytes of an upload.</summary>
/// <remarks>
/// 1. Hold the file, so that no other request writes it; read the durable offset.
/// 2. Write the body from there on. Every CheckpointBytes, and at the end or when the body breaks off:
///    fsync, then store the offset. So the stored offset never counts a byte that a crash could take. Meanwhile more is written.
/// Bytes that come in order are hashed as they come, so that completing need not read them again.
/// </remarks>
internal sealed class AppendUpload(ArtifactDb db, Spool spool, RunningHashes hashes, TimeProvider time, IOptions<ArtifactOptions> options)
{
    /// <exception cref="IOException">The client went away, or the disk refused. What came before is kept.</exception>
    public async Task<AppendOutcome> RunAsync(Upload upload, long offsetBytes, Stream body, CancellationToken ct)
    {
        // 1
        using var file = UploadFile.TryHold(spool, upload.Id);
        if (file is null) return new AppendOutcome.Busy();
        var durable = await db.Uploads.Where(row => row.Id == upload.Id && row.State == UploadState.Receiving)
            .Select(row => (long?)row.OffsetBytes).SingleOrDefaultAsync(ct) ?? upload.SizeBytes;
        if (offsetBytes != durable) return new AppendOutcome.WrongOffset(durable);
        // 2
        var copy = new BodyCopy(file.Handle, durable, upload.SizeBytes);
        var hash = hashes.Take(upload.Id, durable);
        var (checkpoint, begun) = (Task.CompletedTask, durable);
        try
        {
            await copy.RunAsync(body, hash, async () =>
            {
                if (!checkpoint.IsCompleted || copy.OffsetBytes - begun < options.Value.CheckpointBytes) return;
                await checkpoint;
                checkpoint = Begin();
            }, ct);
        }
        finally
        {
            await checkpoint;   // once an fsync has failed, a second one says nothing about those bytes: they must come again
            if (copy.OffsetBytes > begun) await Begin();
        }
        if (hash is not null) hashes.Put(upload.Id, hash, copy.OffsetBytes);
        return copy.TooLong ? new AppendOutcome.TooLong(copy.OffsetBytes) : new AppendOutcome.Appended(copy.OffsetBytes);

        Task Begin()
        {
            var (from, to) = (begun, begun = copy.OffsetBytes);
            return Task.Run(() => CheckpointAsync(upload.Id, file, from, to), CancellationToken.None);
        }
    }

    // Not cancelled with the request: a client that went away continues here.
    private async Task CheckpointAsync(Guid id, UploadFile file, long from, long to)
    {
        Failpoint.Reach("append.written");
        Disk.Sync(file.Handle, file.Path);
        if (from == 0) Disk.SyncFolder(spool.Uploads);
        Failpoint.Reach("append.synced");
        await db.ReceivedAsync(id, from, to, time.GetUtcNow());
        Failpoint.Reach("append.noted");
    }
}
