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
    public const int Broken = 5;                            // EIO
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

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void SyncFolder(string folder)
    {
        using var opened = OpenFolder(folder);
        Sync(opened, folder);
    }

    /// <exception cref="IOException">There is no such folder, or it may not be read.</exception>
    public static SafeFileHandle OpenFolder(string folder)
    {
        var opened = open(folder, ReadOnlyFolder);
        if (!opened.IsInvalid) return opened;
        var failure = Failure("open", folder);
        opened.Dispose();
        throw failure;
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

    /// <summary>Of the call that failed just now.</summary>
    public static IOException Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of {path} failed: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int sync_file_range(SafeFileHandle file, long offset, long bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
