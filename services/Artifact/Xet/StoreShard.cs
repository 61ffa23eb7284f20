using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

internal abstract record StoreShardOutcome
{
    /// <param name="Anything">False: all its files were known.</param>
    internal sealed record Stored(bool Anything) : StoreShardOutcome;

    /// <param name="Reason">Said to a person.</param>
    internal sealed record Refused(string Reason) : StoreShardOutcome;

    internal sealed record NoRoom(long NeededBytes) : StoreShardOutcome;
}

/// <summary>Makes blobs of what a shard says, for its caller to commit. All of its files or none; safe to repeat.</summary>
/// <remarks>
/// 1. Write it to a file. Whoever is at the same one is waited for: what they made is then found.
/// 2. Check all that it says (<see cref="CheckShard"/>), and that the disk has room: a few bytes of shard can name many of file. From here on it goes
///    on when the client leaves: many GB take longer than proxies wait, and the client comes again.
/// 3. Write each new file, then read it again: its SHA-256 must be the one claimed, and its map is made on the way.
/// 4. Keep them. 5. In one transaction: stage, note the maps, and which runs now hold the xorbs' chunks; forget the xorbs whose chunks are all
///    in blobs now. 6. Delete these xorbs' files. What ends it before 4 leaves nothing.
/// </remarks>
internal sealed class StoreShard(
    ArtifactDb db, IBlobStore store, Spool spool, CheckShard check, AssembleFile assemble, StageBlob stage, SaveChunkMap save, LinkXorbs link, KeepQuota quota,
    TimeProvider time, ILogger<StoreShard> logger)
{
    private const long ReserveBytes = 256 * 1024 * 1024;

    /// <param name="progress">Told how many files of how many are checked and written; first, of none, when the body has come.</param>
    public async Task<StoreShardOutcome> RunAsync(Guid repositoryId, Caller caller, Stream body, Action<int, int> progress, CancellationToken ct)
    {
        var path = spool.NewFile();
        try
        {
            // 1
            var hash = await ReceiveAsync(body, path, ct);
            progress(0, 0);
            using var alone = await HeldShard.WaitAsync(spool, repositoryId, caller, hash, time, ct);
            await using var shard = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return await MakeFilesAsync(repositoryId, caller, shard, progress, ct);
        }
        catch (InvalidDataException e)
        {
            return new StoreShardOutcome.Refused(e.Message);
        }
        catch (OverQuotaException e)
        {
            // Not 507: Xet's native client would repeat it for minutes. What was kept and not noted is swept.
            return new StoreShardOutcome.Refused(XetProblems.OverQuotaText(e));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<byte[]> ReceiveAsync(Stream body, string path, CancellationToken ct)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var copy = new BodyCopy(file, 0, ShardReader.MaxBytes);
        await copy.RunAsync(body, hash, written: null, ct);
        return copy.TooLong ? throw new InvalidDataException($"The shard is longer than {ShardReader.MaxBytes} bytes. Commit fewer files at once.") : hash.GetHashAndReset();
    }

    private async Task<StoreShardOutcome> MakeFilesAsync(Guid repositoryId, Caller caller, Stream shard, Action<int, int> progress, CancellationToken ct)
    {
        var made = new List<MadeFile>();
        try
        {
            // 2
            var files = await check.RunAsync(repositoryId, caller, shard, ct);
            ct = CancellationToken.None;
            var needed = files.Where(file => file.Known is null).Sum(file => file.SizeBytes);
            if (needed > 0 && needed > new DriveInfo(spool.Temporary).AvailableFreeSpace - ReserveBytes) return new StoreShardOutcome.NoRoom(needed);
            // 3
            progress(0, files.Count);
            foreach (var (file, number) in files.Select((file, i) => (file, i + 1)))
            {
                if (file.Known is null) made.Add(await MakeAsync(repositoryId, caller, file, ct));
                progress(number, files.Count);
            }
            // 4
            await using var kept = new Kept();
            foreach (var file in made) kept.Add(await KeepAsync(file, ct));
            Failpoint.Reach("shard.kept");
            // 5
            var used = await NoteAsync(repositoryId, caller, files, made, ct);
            Failpoint.Reach("shard.noted");
            // 6
            foreach (var xorb in used) File.Delete(xorb);
            logger.ShardStored(caller.Subject, repositoryId, made.Count, needed, files.Count - made.Count);
            return new StoreShardOutcome.Stored(made.Count > 0);
        }
        finally
        {
            foreach (var file in made) File.Delete(file.Path);   // there only when it was not kept
        }
    }

    private async Task<MadeFile> MakeAsync(Guid repositoryId, Caller caller, CheckedFile file, CancellationToken ct)
    {
        var path = spool.NewFile();
        try
        {
            using var output = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            await assemble.RunAsync(repositoryId, caller, file.File, output, ct);
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var written = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            var map = await ChunkMap.OfAsync(written, sha256, patient: false, ct);
            var actual = BlobHash.Of(sha256.GetHashAndReset());
            if (actual != file.Sha256 || map.SizeBytes != file.SizeBytes)
                throw new InvalidDataException($"The file {file.File.Hash} has SHA-256 {actual}, not {file.Sha256} as the shard claims.");
            return new MadeFile(path, BlobFacts.Of(output, actual, map.SizeBytes), map);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private async Task<IAsyncDisposable> KeepAsync(MadeFile made, CancellationToken ct)
    {
        using var file = File.OpenHandle(made.Path, access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
        File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);   // others of the shard may have taken hours, and old files without a row are swept
        return await store.KeepAsync(file, made.Path, made.Facts.Ref, ct);
    }

    /// <returns>Files of xorbs that are of no use any more.</returns>
    private async Task<IReadOnlyList<string>> NoteAsync(Guid repositoryId, Caller caller, IReadOnlyList<CheckedFile> files, List<MadeFile> made, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        quota.Use(repositoryId, LinkXorbs.XorbsOf(files));
        await quota.RunAsync(repositoryId, [.. made.Select(file => (file.Facts.Hash.Value, file.Facts.SizeBytes)), .. files.Select(file => file.Known).OfType<Blob>().Select(blob => (blob.Sha256, blob.SizeBytes))], ct);
        await stage.AddAsync(repositoryId, caller, made.Select(file => file.Facts), ct);
        var known = files.Select(file => file.Known?.Sha256).OfType<string>().Distinct().ToArray();
        if (known.Except(await stage.LinkAsync(repositoryId, caller, known, ct), StringComparer.Ordinal).FirstOrDefault() is { } swept)
            throw new InvalidDataException($"The file with SHA-256 {swept} was deleted from this zoo meanwhile. Upload again.");
        foreach (var file in made) await save.RunAsync(file.Facts.Hash, file.Map, ct);
        await link.RunAsync(repositoryId, caller, files, ct);
        var used = await link.ForgetUsedAsync(repositoryId, caller, files, ct);
        await transaction.CommitAsync(ct);
        return used;
    }

    private sealed record MadeFile(string Path, BlobFacts Facts, ChunkMap Map);
}
