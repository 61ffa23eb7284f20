using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Folders on the local disk in which bytes lie on their way in, whatever store they go to: they come in any order, may stop and go on, and
/// are hashed here.</summary>
/// <remarks>
/// <code>
/// &lt;DataFolder&gt;/artifact/
///   uploads/&lt;id&gt;             what an upload has received; its row says how much of it is durable
///   xorbs/&lt;id&gt;               what a Xet client sent and no shard has named yet, each as it was sent
///   temporary/&lt;id&gt;           bytes of a request in flight; of no worth after a restart
///   in-use                   locked, shared, by each process that uses these folders
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

    /// <summary>A lock on these folders, for as long as it is open; the kernel's, so it ends with the process however that ends.</summary>
    /// <param name="share"><see cref="FileShare.None"/>: to be the only process that uses them.</param>
    /// <returns>Null: others use them.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public SafeFileHandle? TryUse(FileShare share)
    {
        try
        {
            return File.OpenHandle(Path.Combine(Root, "in-use"), FileMode.OpenOrCreate, FileAccess.Read, share);   // flock
        }
        catch (IOException e) when (Disk.IsHeld(e))
        {
            return null;
        }
    }

    /// <summary>A word of 32 letters that is this folder's alone, made when it is asked for first; whole or not there, whatever crashes.</summary>
    public string IdOf(string name)
    {
        const int chars = 32;
        var path = Path.Combine(Root, name);
        if (new FileInfo(path) is not { Exists: true, Length: chars })
        {
            var made = NewFile();
            using (var file = new FileStream(made, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, BufferSize = 0,
            }))
            {
                file.Write(Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(chars, lowercase: true)));
                Disk.Sync(file.SafeFileHandle, made);
            }
            File.Move(made, path, overwrite: true);
            Disk.SyncFolder(Root);
        }
        return File.ReadAllText(path);
    }

    private static void MakeFolder(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);   // other users of the machine read no blobs
        Disk.SyncFolder(Path.GetDirectoryName(folder)!);
    }
}
