namespace ZooPlatform.Artifact.Blobs;

/// <summary>Folders on the local disk in which bytes lie on their way in, whatever store they go to: they come in any order, may stop and go on, and
/// are hashed here.</summary>
/// <remarks>
/// <code>
/// &lt;DataFolder&gt;/artifact/
///   uploads/&lt;id&gt;             what an upload has received; its row says how much of it is durable
///   xorbs/&lt;id&gt;               what a Xet client sent and no shard has named yet, each as it was sent
///   temporary/&lt;id&gt;           bytes of a request in flight; of no worth after a restart
/// </code>
/// One file system, and that of the blobs where they are local: keeping a file is then renaming it.
/// </remarks>
internal sealed class Spool
{
    public Spool(IConfiguration configuration)
    {
        var data = configuration["Platform:DataFolder"]
            ?? throw new InvalidOperationException("Setting Platform:DataFolder is missing: the AppHost gives it to each service.");
        Root = Path.Combine(Path.GetFullPath(data), "artifact");
        MakeFolder(Root);
        Uploads = FolderOf("uploads");
        Xorbs = FolderOf("xorbs");
        Temporary = FolderOf("temporary");
    }

    public string Root { get; }

    public string Uploads { get; }

    public string Xorbs { get; }

    public string Temporary { get; }

    /// <summary>A file in <see cref="Temporary"/> that nobody has.</summary>
    public string NewFile() => Path.Combine(Temporary, Guid.CreateVersion7().ToString());

    public string XorbOf(Guid file) => Path.Combine(Xorbs, file.ToString());

    /// <summary>A folder beside these, durably there.</summary>
    public string FolderOf(string name)
    {
        var folder = Path.Combine(Root, name);
        MakeFolder(folder);
        return folder;
    }

    private static void MakeFolder(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);   // other users of the machine read no blobs
        Disk.SyncFolder(Path.GetDirectoryName(folder)!);
    }
}
