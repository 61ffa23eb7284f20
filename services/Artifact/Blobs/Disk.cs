using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>What .NET has no call for, or none that tells a failure: making files and folders' entries durable.</summary>
internal static partial class Disk
{
    private const uint BeginWrite = 2;                       // SYNC_FILE_RANGE_WRITE
    private const int ReadOnlyFolder = 0x10000 | 0x80000;   // O_RDONLY | O_DIRECTORY | O_CLOEXEC
    private const int LockShared = 1, LockAtOnce = 4;       // LOCK_SH, LOCK_NB
    private static readonly ConcurrentDictionary<string, bool> s_durable = new(StringComparer.Ordinal);

    /// <summary>Makes what was written to a file durable. <see cref="RandomAccess.FlushToDisk"/> is of no use for that: on Linux it swallows
    /// every error of fsync (.NET 10.0; FsyncTests would show it), and bytes that a broken disk lost would be acknowledged.</summary>
    /// <exception cref="IOException">The disk refused; nobody knows what of it is durable.</exception>
    public static void Sync(SafeFileHandle file, string path)
    {
        if (fsync(file) < 0) throw Failure("fsync", path);
    }

    /// <summary>Lets the kernel begin to write a part of a file. Only a hint: it makes nothing durable, and whether it works does not matter.</summary>
    public static void BeginWriting(SafeFileHandle file, long offset, long bytes) => _ = sync_file_range(file, offset, bytes, BeginWrite);

    /// <summary>Makes everything durable that was written to the file system which holds this folder: cheaper than many files and folders one by one.</summary>
    /// <exception cref="IOException">The disk refused; nobody knows what of it is durable.</exception>
    public static void SyncAll(string folder)
    {
        var descriptor = open(folder, ReadOnlyFolder);
        if (descriptor < 0) throw Failure("open", folder);
        try
        {
            if (syncfs(descriptor) < 0) throw Failure("syncfs", folder);
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void SyncFolder(string folder)
    {
        var descriptor = open(folder, ReadOnlyFolder);
        if (descriptor < 0) throw Failure("open", folder);
        try
        {
            if (fsync(descriptor) < 0) throw Failure("fsync", folder);
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Creates a folder below <paramref name="root"/> if need be; on return its name is durable, up to the root.</summary>
    public static void CreateDurableFolder(string root, string folder)
    {
        if (folder == root || s_durable.ContainsKey(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        CreateDurableFolder(root, parent);
        Directory.CreateDirectory(folder);
        SyncFolder(parent);
        s_durable[folder] = true;
    }

    /// <summary>Is it that another process or request holds the file?</summary>
    public static bool IsHeld(IOException exception) => exception.HResult == 11;   // EWOULDBLOCK

    /// <summary>From now on others may read the file, too, which this process held alone. False: another holds it now.</summary>
    public static bool ShareHeld(SafeFileHandle file) => flock(file, LockShared | LockAtOnce) == 0;

    private static IOException Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of {path} failed: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int syncfs(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int sync_file_range(SafeFileHandle file, long offset, long bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int close(int descriptor);
}
