using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Makes durable what was written. .NET's own flush is of no use for that: on Linux it swallows every error of fsync.</summary>
internal static partial class Durable
{
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
        var descriptor = open(folder, 0);   // to read
        if (descriptor < 0)
        {
            throw Failure("open", folder);
        }
        try
        {
            if (fsync(descriptor) < 0)
            {
                throw Failure("fsync", folder);
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Is it that another process holds the file?</summary>
    public static bool IsHeld(IOException exception) => exception.HResult is 11 or 35;   // EWOULDBLOCK, of Linux and of macOS

    /// <summary>Is it that the disk, or what one may use of it, is full?</summary>
    public static bool IsFull(IOException exception) => exception.HResult is 28 or 69 or 122;   // ENOSPC, EDQUOT

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

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int close(int descriptor);
}
