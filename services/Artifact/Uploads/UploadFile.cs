using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Uploads;

/// <summary>An upload's file, held by one request alone, or shared by those that write different parts of it: also against other processes,
/// and let go when one dies.</summary>
internal sealed class UploadFile : IDisposable
{
    private UploadFile(SafeFileHandle handle, string path) => (Handle, Path) = (handle, path);

    public SafeFileHandle Handle { get; }

    public string Path { get; }

    /// <returns>Null: another request holds it.</returns>
    public static UploadFile? TryHold(Spool spool, Guid upload) => TryOpen(spool, upload, FileShare.None);   // flock(LOCK_EX)

    /// <returns>Null: another request holds it alone.</returns>
    public static UploadFile? TryShare(Spool spool, Guid upload) => TryOpen(spool, upload, FileShare.ReadWrite);   // flock(LOCK_SH)

    private static UploadFile? TryOpen(Spool spool, Guid upload, FileShare share)
    {
        var path = PathOf(spool, upload);
        try
        {
            return new UploadFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, share), path);
        }
        catch (IOException e) when (Disk.IsHeld(e))
        {
            return null;
        }
    }

    public static string PathOf(Spool spool, Guid upload) => System.IO.Path.Combine(spool.Uploads, upload.ToString());

    public void Dispose() => Handle.Dispose();
}
