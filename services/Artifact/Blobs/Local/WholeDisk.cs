using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>Makes everything durable that was written to a file system: cheaper than many files and folders one by one.</summary>
/// <remarks>The kernel tells of bytes that the disk refused once to each descriptor, and to none that was opened later. So one is open all the time; and what it tells
/// one caller may be true of the bytes of any other who had begun by then.</remarks>
internal sealed partial class WholeDisk(string folder)
{
    private readonly SafeFileHandle _folder = Disk.OpenFolder(folder);
    private readonly Lock _lock = new();
    private DateTime _failedAt;

    /// <param name="since">When the caller's first byte was written.</param>
    /// <exception cref="IOException">The disk refused something since; nobody knows what of it is durable.</exception>
    public void Sync(DateTime since)
    {
        lock (_lock)   // else one could be told "all is well" while another is still being told of a failure
        {
            if (syncfs(_folder) < 0)
            {
                var failure = Disk.Failure("syncfs", folder);
                _failedAt = TimeProvider.System.GetUtcNow().UtcDateTime;   // the clock that files have
                throw failure;
            }
            if (since <= _failedAt) throw new IOException($"syncfs of {folder} failed for another request; it may be this one's bytes that are lost.", Disk.Broken);
        }
    }

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle folder);
}
