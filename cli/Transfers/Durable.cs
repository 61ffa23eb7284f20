using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Makes durable what was written. .NET's own flush is of no use for that: on Linux it swallows every error of fsync.</summary>
internal static partial class Durable
{
    private const uint BeginWrite = 2;   // SYNC_FILE_RANGE_WRITE

    /// <exception cref="IOException">The disk refused; nobody knows what of the file is durable.</exception>
    public static void Sync(SafeFileHandle file, string path)
    {
        if (fsync(file) < 0)
        {
            throw Failure("fsync", path);
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void SyncFolder(string folder)
    {
        using var opened = OpenFolder(folder);
        Sync(opened, folder);
    }

    /// <summary>Makes everything durable that was written to the file system of this folder: for thousands of small files cheaper than one by one.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void SyncAll(string folder)
    {
        using var opened = OpenFolder(folder);
        if (syncfs(opened) < 0)
        {
            throw Failure("syncfs", folder);
        }
    }

    /// <summary>Lets the system begin to write a part of a file. Only a hint: it makes nothing durable.</summary>
    public static void BeginWriting(SafeFileHandle file, long offset, long bytes) => _ = sync_file_range(file, offset, bytes, BeginWrite);

    /// <summary>Is it that another process holds the file?</summary>
    public static bool IsHeld(IOException exception) => exception.HResult is 11 or 35;   // EWOULDBLOCK, of Linux and of macOS

    /// <summary>Is it that the disk, or what one may use of it, is full?</summary>
    public static bool IsFull(IOException exception) => exception.HResult is 28 or 69 or 122;   // ENOSPC, EDQUOT

    private static SafeFileHandle OpenFolder(string folder)
    {
        var opened = open(folder, 0);   // to read
        if (!opened.IsInvalid)
        {
            return opened;
        }
        var failure = Failure("open", folder);
        opened.Dispose();
        throw failure;
    }

    private static IOException Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of {path} failed: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle folder);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int sync_file_range(SafeFileHandle file, long offset, long bytes, uint flags);
}
