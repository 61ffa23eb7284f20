using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Where xorbs wait for their shard: <c>&lt;DataFolder&gt;/artifact/xorbs/&lt;id&gt;</c>, each as it was sent, on the blobs' file system.</summary>
internal sealed class XorbFiles
{
    public XorbFiles(BlobStore store)
    {
        Folder = Path.Combine(Path.GetDirectoryName(store.Uploads)!, "xorbs");
        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Disk.SyncFolder(Path.GetDirectoryName(Folder)!);
    }

    public string Folder { get; }

    public string PathOf(Guid file) => Path.Combine(Folder, file.ToString());
}
