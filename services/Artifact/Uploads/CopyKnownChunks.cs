using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Uploads;

internal abstract record CopyOutcome
{
    /// <param name="SizeBytes">How much need not be sent.</param>
    internal sealed record Copied(long SizeBytes) : CopyOutcome;

    /// <summary>The upload is being completed, or continued in order.</summary>
    internal sealed record Busy : CopyOutcome;
}

/// <summary>Puts those chunks into an upload that are known already, among what the caller may read: they need not be sent. Safe to repeat.</summary>
/// <remarks>
/// 1. Ask where the chunks are. 2. Share the upload's file. 3. Copy, neighbours at once. 4. fsync file and folder, then note what came.
/// That a chunk is what the index says is not looked at here: the whole blob's SHA-256 is checked when the upload is completed.
/// </remarks>
internal sealed class CopyKnownChunks(ArtifactDb db, IBlobStore store, Spool spool, FindChunks find, RunningHashes hashes, TimeProvider time)
{
    public async Task<CopyOutcome> RunAsync(Upload upload, Caller caller, long offsetBytes, IReadOnlyList<ChunkRef> chunks, CancellationToken ct)
    {
        // 1
        var runs = Neighbours(offsetBytes, chunks, await find.RunAsync(upload.RepositoryId, caller, chunks, ct));
        if (runs.Count == 0) return new CopyOutcome.Copied(0);
        // 2
        using var file = UploadFile.TryShare(spool, upload.Id);
        if (file is null) return new CopyOutcome.Busy();
        if (!await db.Uploads.AnyAsync(row => row.Id == upload.Id && row.State == UploadState.Receiving, ct))
        {
            if (RandomAccess.GetLength(file.Handle) == 0) File.Delete(file.Path);   // opening it made it anew
            return new CopyOutcome.Copied(0);
        }
        hashes.Forget(upload.Id);
        // 3
        var copied = new List<Run>();
        foreach (var run in runs)
        {
            if (!await store.CopyRangeAsync(run.Blob, run.FromBytes, run.SizeBytes, file.Handle, run.ToBytes, ct)) continue;   // damaged at rest: it is sent
            Disk.BeginWriting(file.Handle, run.ToBytes, run.SizeBytes);
            copied.Add(run);
        }
        if (copied.Count == 0) return new CopyOutcome.Copied(0);
        // 4
        Failpoint.Reach("copy.written");
        Disk.Sync(file.Handle, file.Path);
        Disk.SyncFolder(spool.Uploads);
        Failpoint.Reach("copy.synced");
        await db.ReceivedAsync(upload.Id, [.. copied.Select(run => run.ToBytes)], [.. copied.Select(run => run.ToBytes + run.SizeBytes)], time.GetUtcNow());
        return new CopyOutcome.Copied(copied.Sum(run => run.SizeBytes));
    }

    /// <summary>Chunks that follow each other here and there are one run.</summary>
    private static List<Run> Neighbours(long offsetBytes, IReadOnlyList<ChunkRef> chunks, IReadOnlyList<ChunkPlace?> places)
    {
        var runs = new List<Run>();
        for (var i = 0; i < chunks.Count; offsetBytes += chunks[i].SizeBytes, i++)
        {
            if (places[i] is not { } place) continue;
            if (runs.Count > 0 && runs[^1] is var last && last.Blob == place.Blob && last.FromBytes + last.SizeBytes == place.OffsetBytes
                && last.ToBytes + last.SizeBytes == offsetBytes)
                runs[^1] = last with { SizeBytes = last.SizeBytes + chunks[i].SizeBytes };
            else
                runs.Add(new Run(place.Blob, place.OffsetBytes, offsetBytes, chunks[i].SizeBytes));
        }
        return runs;
    }

    private readonly record struct Run(BlobHash Blob, long FromBytes, long ToBytes, long SizeBytes);
}
