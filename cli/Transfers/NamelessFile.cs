using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Puts a new file in place whole: written before it has a name, then named. Whatever ends it leaves nothing, and it takes a third of the calls
/// that a partial file takes.</summary>
internal static partial class NamelessFile
{
    private const int WithoutName = 0x410000 | 0x80000 | 1;   // O_TMPFILE | O_CLOEXEC | O_WRONLY, as x64 has them
    private const int ReadWriteForAll = 0x1B6;                // 0666, less what the umask takes
    private const int WorkingFolder = -100;                   // AT_FDCWD
    private const int Follow = 0x400;                         // AT_SYMLINK_FOLLOW

    /// <returns>False: there is a file of this name already, or this file system or machine knows no such files. Nothing was done then.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public static bool TryPut(string folder, string target, ReadOnlySpan<byte> content, bool executable)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return false;
        }
        using var file = open(folder, WithoutName, ReadWriteForAll);
        if (file.IsInvalid)
        {
            return false;
        }
        RandomAccess.Write(file, content, 0);
        if (executable)
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | FileDownload.ExecuteForAll);
        }
        return linkat(WorkingFolder, "/proc/self/fd/" + file.DangerousGetHandle().ToString(CultureInfo.InvariantCulture), WorkingFolder, target, Follow) == 0;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(int fromFolder, string from, int toFolder, string to, int flags);
}
