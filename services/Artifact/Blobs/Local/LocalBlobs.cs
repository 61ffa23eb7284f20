using Microsoft.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>Blobs as files on the disk of the <see cref="Spool"/>.</summary>
/// <remarks>
/// <code>
/// &lt;DataFolder&gt;/artifact/
///   store-id               a word by which another process proves that it sees this very folder
///   blobs/ab/cd/abcd...    one file a blob, named by its SHA-256; never changed once there
///   taken/                 files on their way out (TakenFile)
///   damaged/               files whose bytes are wrong
/// </code>
/// Keeping a file: 1. fsync it, 2. rename it to its place, 3. fsync the folder.
/// </remarks>
internal sealed class LocalBlobs : IBlobStore
{
    private readonly Spool _spool;
    private readonly string _blobs;
    private readonly WholeDisk _disk;
    private readonly BlobsBeingNoted _noting = new();

    public LocalBlobs(Spool spool)
    {
        (_spool, _disk) = (spool, new WholeDisk(spool.Root));
        (_blobs, Taken, Damaged) = (spool.FolderOf("blobs"), spool.FolderOf("taken"), spool.FolderOf("damaged"));
        Id = spool.IdOf("store-id");
    }

    /// <summary>Who shows this id sees the same files.</summary>
    public string Id { get; }

    public int OpenAhead => 1;

    internal string Taken { get; }

    internal string Damaged { get; }

    /// <summary>A file's place below the store's folder.</summary>
    public string NameOf(string path) => Path.GetRelativePath(_spool.Root, path);

    internal string PathOf(BlobHash hash) => Path.Combine(_blobs, hash.Value[..2], hash.Value[2..4], hash.Value);

    /// <summary>Is the blob's file there, with as many bytes as its row says?</summary>
    internal bool Holds(BlobRef blob)
    {
        var file = new FileInfo(PathOf(blob.Hash));
        return file.Exists && file.Length == blob.SizeBytes;
    }

    public Task<IReadOnlyList<BlobRef>> FindLostAsync(IReadOnlyCollection<BlobRef> blobs, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<BlobRef>>([.. blobs.Where(blob => !Holds(blob))]);

    public Task<bool> LookAsync(BlobRef blob, CancellationToken ct)
    {
        if (!Holds(blob)) return Task.FromResult(false);
        Disk.SyncFolder(Path.GetDirectoryName(PathOf(blob.Hash))!);
        return Task.FromResult(true);
    }

    public Task<IAsyncDisposable> KeepAsync(SafeFileHandle file, string path, BlobRef blob, CancellationToken ct)
    {
        var target = PathOf(blob.Hash);
        var folder = Path.GetDirectoryName(target)!;
        Disk.Sync(file, path);
        Disk.CreateDurableFolder(_blobs, folder);
        Failpoint.Reach("keep.synced");
        return Task.FromResult(_noting.Put([blob.Hash], () =>
        {
            File.Move(path, target, overwrite: true);
            Failpoint.Reach("keep.renamed");
            Disk.SyncFolder(folder);
        }));
    }

    /// <remarks>1. What was written is durable. 2. Every file goes to its place. 3. So is every name.</remarks>
    public Task<IAsyncDisposable> KeepAllAsync(IReadOnlyList<(string Path, BlobRef Blob)> files, CancellationToken ct)
    {
        if (files.Count == 0) return Task.FromResult<IAsyncDisposable>(new Kept());
        var since = File.GetLastWriteTimeUtc(files[0].Path);
        _disk.Sync(since);                                              // 1
        Failpoint.Reach("batch.synced");
        return Task.FromResult(_noting.Put([.. files.Select(file => file.Blob.Hash)], () =>
        {
            foreach (var (path, blob) in files)                         // 2
            {
                var target = PathOf(blob.Hash);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Move(path, target, overwrite: true);
            }
            Failpoint.Reach("batch.renamed");
            _disk.Sync(since);                                          // 3
        }));
    }

    public Task<Stream?> OpenAsync(BlobRef blob, CancellationToken ct, long offset = 0)
    {
        if (TryOpen(blob.Hash, FileOptions.SequentialScan) is not { } file) return Task.FromResult<Stream?>(null);
        if (RandomAccess.GetLength(file) == blob.SizeBytes) return Task.FromResult<Stream?>(new BlobFile(file, blob.SizeBytes) { Position = offset });
        file.Dispose();
        return Task.FromResult<Stream?>(null);
    }

    public async Task<bool> CopyRangeAsync(BlobHash blob, long offset, long bytes, SafeFileHandle to, long toOffset, CancellationToken ct)
    {
        using var file = TryOpen(blob, FileOptions.SequentialScan);
        if (file is null || RandomAccess.GetLength(file) < offset + bytes) return false;
        await FileRange.CopyAsync(file, offset, to, toOffset, bytes, ct);
        return true;
    }

    public Task<IResult?> SendAsync(SentBlob blob, HttpResponse response, CancellationToken ct)
    {
        if (!Holds(new BlobRef(blob.Hash, blob.SizeBytes))) return Task.FromResult<IResult?>(null);
        HandOver.Use(response, this);
        return Task.FromResult<IResult?>(TypedResults.PhysicalFile(PathOf(blob.Hash), blob.ContentType, blob.FileName, blob.At,
            new EntityTagHeaderValue($"\"{blob.Tag}\""), enableRangeProcessing: true));
    }

    /// <remarks>A file that came before it was held, and whose row came after the old one went, is the very file that is taken. Hence the last look.</remarks>
    public async Task DeleteAsync(IReadOnlyList<BlobHash> blobs, Func<Task<IReadOnlyCollection<BlobHash>>> decide,
        Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named, CancellationToken ct)
    {
        var files = new Dictionary<BlobHash, TakenFile>();
        try
        {
            foreach (var blob in blobs)
                if (TakenFile.TryHold(this, blob) is { } file) files[blob] = file;
            var taken = new List<(BlobHash Blob, string Path)>();
            foreach (var blob in await decide())
                if (files.TryGetValue(blob, out var file) && file.TakeTo(Taken) is { } path) taken.Add((blob, path));
            await DeleteTakenAsync(taken, named);
        }
        finally
        {
            foreach (var file in files.Values) file.Dispose();
        }
    }

    public async Task DeleteOrphansAsync(DateTimeOffset before, Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named, CancellationToken ct)
    {
        foreach (var batch in FilesBefore(before).Chunk(100))
        {
            ct.ThrowIfCancellationRequested();
            var rows = await named(batch);
            foreach (var hash in batch.Where(hash => !rows.Contains(hash)))
            {
                using var file = TakenFile.TryHold(this, hash);
                if (file?.TakeTo(Taken) is { } taken) await DeleteTakenAsync([(hash, taken)], named);
            }
        }
    }

    public async Task<AtRest> ScrubAsync(BlobRef blob, Func<long, ValueTask> pace, CancellationToken ct)
    {
        using var file = TakenFile.TryHold(this, blob.Hash);
        var actual = file is null ? "(no file)" : (await BlobHash.OfAsync(new FileSlice(file.Handle, 0, RandomAccess.GetLength(file.Handle)), pace, ct)).Value;
        if (actual == blob.Hash.Value) return new AtRest.Sound();
        var place = file?.TakeTo(Damaged);
        if (place is null && file is not null) return new AtRest.Renewed();
        Failpoint.Reach("scrub.taken");
        return Holds(blob) ? new AtRest.Renewed() : new AtRest.Damaged(actual, place);
    }

    /// <summary>A sweep was killed while it held files: each goes back to its place, unless its bytes came anew.</summary>
    /// <returns>How many.</returns>
    public int PutBackTaken()
    {
        var files = Directory.GetFiles(Taken);
        foreach (var file in files)
            if (BlobHash.TryParse(Path.GetFileName(file).Split('.')[0], out var hash)) PutBack(file, hash);
        return files.Length;
    }

    /// <summary>Brings a taken file to its place, unless the same bytes came anew.</summary>
    internal void PutBack(string taken, BlobHash hash)
    {
        var place = PathOf(hash);
        try
        {
            File.Move(taken, place, overwrite: false);
            Failpoint.Reach("take.put-back");
            Disk.SyncFolder(Path.GetDirectoryName(place)!);
        }
        catch (IOException) when (File.Exists(place))
        {
            File.Delete(taken);
        }
    }

    /// <summary>No lock: readers, uploads and sweeps go on side by side. Null: there is no such file.</summary>
    internal SafeFileHandle? TryOpen(BlobHash hash, FileOptions options = FileOptions.None)
    {
        try
        {
            return File.OpenHandle(PathOf(hash), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A row that came meanwhile, or is on its way, wants its file back. The latter is looked at first: who is noted by then has its row.</summary>
    private async Task DeleteTakenAsync(IReadOnlyList<(BlobHash Blob, string Path)> taken, Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named)
    {
        if (taken.Count == 0) return;
        var coming = taken.Select(file => file.Blob).Where(_noting.Contains).ToHashSet();
        var rows = await named([.. taken.Select(file => file.Blob)]);
        foreach (var (blob, path) in taken)
            if (rows.Contains(blob) || coming.Contains(blob)) PutBack(path, blob);
            else File.Delete(path);
    }

    private IEnumerable<BlobHash> FilesBefore(DateTimeOffset before)
    {
        foreach (var file in new DirectoryInfo(_blobs).EnumerateFiles("*", SearchOption.AllDirectories))
            if (file.LastWriteTimeUtc < before.UtcDateTime && BlobHash.TryParse(file.Name, out var hash)) yield return hash;
    }
}
