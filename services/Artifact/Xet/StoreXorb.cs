using Microsoft.EntityFrameworkCore;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Xet;

internal abstract record StoreXorbOutcome
{
    internal sealed record Stored : StoreXorbOutcome;

    internal sealed record Refused(string Reason) : StoreXorbOutcome;
}

/// <summary>Takes a xorb, for a shard of the same caller and repository to name. Safe to repeat.</summary>
/// <remarks>1. Write the body to a temporary file, decoding and hashing chunk by chunk: memory holds one, and 36 bytes of each. 2. Refuse chunks
/// that have another hash than the address. 3. Make the file durable, then note it, if its bytes fit into the owner's quota.</remarks>
internal sealed class StoreXorb(ArtifactDb db, Spool spool, KeepQuota quota, TimeProvider time)
{
    /// <param name="foretold">How many bytes the body says it has; null: it does not say.</param>
    /// <exception cref="OverQuotaException">They do not fit, and nothing was stored.</exception>
    public async Task<StoreXorbOutcome> RunAsync(Guid repositoryId, Caller caller, XetHash hash, Stream body, long? foretold, CancellationToken ct)
    {
        if (!await Waiting(repositoryId, caller, hash).AnyAsync(ct)) await quota.ForetellAsync(repositoryId, hash.ToString(), foretold ?? 0, ct);
        var id = Guid.CreateVersion7();
        var path = Path.Combine(spool.Temporary, id.ToString());
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            byte[] chunks;
            long size;
            try
            {
                // 1
                (chunks, size) = await ReceiveAsync(body, file, hash, ct);
            }
            catch (InvalidDataException e)
            {
                // 2
                return new StoreXorbOutcome.Refused(e.Message);
            }
            // 3
            Disk.Sync(file, path);
            File.Move(path, spool.XorbOf(id), overwrite: true);   // a rename and nothing else: the name is new
            Failpoint.Reach("xorb.renamed");
            Disk.SyncFolder(spool.Xorbs);
            await NoteAsync(repositoryId, caller, hash, chunks, id, size, ct);
            Failpoint.Reach("xorb.noted");
            return new StoreXorbOutcome.Stored();
        }
        catch (OverQuotaException)
        {
            File.Delete(spool.XorbOf(id));
            throw;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private IQueryable<XorbUpload> Waiting(Guid repositoryId, Caller caller, XetHash hash)
    {
        var (xorb, subject) = (hash.ToBytes(), caller.Subject);
        return db.XorbUploads.Where(row => row.RepositoryId == repositoryId && row.Subject == subject && row.Xorb == xorb);
    }

    private static async Task<(byte[] Chunks, long SizeBytes)> ReceiveAsync(Stream body, SafeFileHandle file, XetHash hash, CancellationToken ct)
    {
        using var reader = new XorbReader(body);
        var tree = new XetTree();
        var chunks = new List<byte>();
        var written = 0L;
        while (await reader.NextAsync(ct) is { } chunk)
        {
            var chunkHash = XetHash.OfChunk(chunk.Raw.Span);
            tree.Add(chunkHash, chunk.Raw.Length);
            PackedChunks.Append(chunks, chunkHash, chunk.Raw.Length);
            await RandomAccess.WriteAsync(file, chunk.Stored, written, ct);
            written += chunk.Stored.Length;
            Measures.BlobReceived(chunk.Stored.Length);
        }
        var actual = tree.End();
        return actual == hash ? ([.. chunks], written) : throw new InvalidDataException($"The chunks that arrived make the xorb {actual}, not {hash}. Nothing was stored.");
    }

    /// <summary>One file a caller, repository and xorb: of two that arrive at once the first one noted stays.</summary>
    private async Task NoteAsync(Guid repositoryId, Caller caller, XetHash hash, byte[] chunks, Guid file, long size, CancellationToken ct)
    {
        var (xorb, subject, now) = (hash.ToBytes(), caller.Subject, time.GetUtcNow());
        var waiting = Waiting(repositoryId, caller, hash);
        var before = await waiting.AsNoTracking().SingleOrDefaultAsync(ct);
        if (before is not null && !File.Exists(spool.XorbOf(before.File))) await waiting.Where(row => row.File == before.File).ExecuteDeleteAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await quota.LockAsync(repositoryId, ct);
        await db.AddXorbAsync(hash, chunks, ct);
        await db.Database.ExecuteSqlAsync($"""
            insert into xorb_uploads (repository_id, subject, xorb, file, received_at, size_bytes) values ({repositoryId}, {subject}, {xorb}, {file}, {now}, {size})
            on conflict (repository_id, subject, xorb) do update set received_at = excluded.received_at
            """, ct);
        await quota.RunAsync(repositoryId, ct);
        var kept = await waiting.Select(row => row.File).SingleAsync(ct);
        await transaction.CommitAsync(ct);
        if (kept != file) File.Delete(spool.XorbOf(file));
    }
}

internal static class XorbRows
{
    /// <summary>Notes what chunks a xorb has. The hash says it, so it is the same whoever notes it.</summary>
    public static Task AddXorbAsync(this ArtifactDb db, XetHash hash, byte[] chunks, CancellationToken ct) =>
        // The row is locked even when it was there, so that nobody deletes it as unused before this transaction uses it.
        db.Database.ExecuteSqlAsync($"""
            insert into xorbs (hash, chunks) values ({hash.ToBytes()}, {chunks}) on conflict (hash) do update set hash = excluded.hash
            """, ct);
}
