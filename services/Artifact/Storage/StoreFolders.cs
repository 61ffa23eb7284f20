using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Folders beside the store's own: <c>taken/</c> for files on their way out, <c>damaged/</c> for those whose bytes are wrong.</summary>
internal sealed class StoreFolders
{
    private readonly BlobStore _store;

    public StoreFolders(BlobStore store)
    {
        _store = store;
        var root = Path.GetDirectoryName(store.Temporary)!;
        (Taken, Damaged, Blobs) = (Path.Combine(root, "taken"), Path.Combine(root, "damaged"), Path.Combine(root, "blobs"));
        foreach (var folder in new[] { Taken, Damaged }) Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Taken { get; }

    public string Damaged { get; }

    private string Blobs { get; }

    public IEnumerable<FileInfo> BlobFiles() => new DirectoryInfo(Blobs).EnumerateFiles("*", SearchOption.AllDirectories);

    /// <summary>A sweep was killed while it held files: each goes back to its place, unless its bytes came anew.</summary>
    public int PutBackTaken()
    {
        var files = Directory.GetFiles(Taken);
        foreach (var file in files)
            if (BlobHash.TryParse(Path.GetFileName(file).Split('.')[0], out var hash)) TakenFile.PutBack(_store, file, hash);
        return files.Length;
    }
}
