using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Blobs as files on one disk. A blob's file appears whole or not at all.</summary>
/// <remarks>
/// <code>
/// &lt;DataFolder&gt;/artifact/
///   store-id               a word by which another process proves that it sees this very folder
///   blobs/ab/cd/abcd...      one file a blob, named by its SHA-256; never changed once there
///   uploads/&lt;id&gt;             what an upload has received; its row says how much of it is durable
///   temporary/&lt;id&gt;           bytes of a request in flight; of no worth after a restart
/// </code>
/// Keeping a file: 1. fsync it, 2. rename it to its place, 3. fsync the folder. All on one file system.
/// </remarks>
internal sealed class BlobStore
{
    private readonly string _root;
    private readonly string _blobs;

    public BlobStore(IConfiguration configuration)
    {
        var data = configuration["Platform:DataFolder"]
            ?? throw new InvalidOperationException("Setting Platform:DataFolder is missing: the AppHost gives it to each service.");
        _root = Path.Combine(Path.GetFullPath(data), "artifact");
        _blobs = Path.Combine(_root, "blobs");
        Uploads = Path.Combine(_root, "uploads");
        Temporary = Path.Combine(_root, "temporary");
        foreach (var folder in new[] { _root, _blobs, Uploads, Temporary })
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);   // other users of the machine read no blobs
            Disk.SyncFolder(Path.GetDirectoryName(folder)!);
        }
        Id = IdOf(Path.Combine(_root, "store-id"));
    }

    /// <summary>Who shows this id sees the same files.</summary>
    public string Id { get; }

    public string Uploads { get; }

    public string Temporary { get; }

    /// <summary>A file's place below the store's folder.</summary>
    public string NameOf(string path) => Path.GetRelativePath(_root, path);

    public string PathOf(BlobHash hash) => Path.Combine(_blobs, hash.Value[..2], hash.Value[2..4], hash.Value);

    /// <summary>Is the blob's file there, with as many bytes as its row says?</summary>
    public bool Holds(BlobHash hash, long sizeBytes)
    {
        var file = new FileInfo(PathOf(hash));
        return file.Exists && file.Length == sizeBytes;
    }

    /// <summary>Makes a written file the blob of this name. The caller has checked that the bytes match; afterwards they are durable.
    /// A file that is there already is replaced, which mends a damaged one.</summary>
    /// <param name="path">On the store's file system; gone afterwards.</param>
    public void Keep(SafeFileHandle file, string path, BlobHash hash)
    {
        var target = PathOf(hash);
        var folder = Path.GetDirectoryName(target)!;
        Disk.Sync(file, path);
        Disk.CreateDurableFolder(_blobs, folder);
        Failpoint.Reach("keep.synced");
        File.Move(path, target, overwrite: true);
        Failpoint.Reach("keep.renamed");
        Disk.SyncFolder(folder);
    }

    /// <summary>Makes written files blobs, many at once: as <see cref="Keep"/>, but durable together.</summary>
    /// <remarks>1. What was written is durable. 2. Every file goes to its place. 3. So is every name.</remarks>
    public void KeepAll(IReadOnlyList<(string Path, BlobHash Hash)> files)
    {
        Disk.SyncAll(_root);                                            // 1
        Failpoint.Reach("batch.synced");
        foreach (var (path, hash) in files)                             // 2
        {
            var target = PathOf(hash);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(path, target, overwrite: true);
        }
        Failpoint.Reach("batch.renamed");
        Disk.SyncAll(_root);                                            // 3
    }

    /// <summary>Keeps bytes that this service made.</summary>
    public async Task KeepAsync(ReadOnlyMemory<byte> content, BlobHash hash, CancellationToken ct)
    {
        var path = Path.Combine(Temporary, Guid.CreateVersion7().ToString());
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            await RandomAccess.WriteAsync(file, content, 0, ct);
            Keep(file, path, hash);
        }
        finally
        {
            File.Delete(path);   // there only when the disk refused
        }
    }

    /// <summary>All bytes of a small blob.</summary>
    public Task<byte[]> ReadAsync(BlobHash hash, CancellationToken ct) => File.ReadAllBytesAsync(PathOf(hash), ct);

    private static string IdOf(string path)
    {
        try
        {
            using var made = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            made.Write(System.Text.Encoding.ASCII.GetBytes(System.Security.Cryptography.RandomNumberGenerator.GetHexString(32, lowercase: true)));
        }
        catch (IOException) when (File.Exists(path))
        {
        }
        return File.ReadAllText(path);
    }
}
