using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Copies a range from one file to another without taking it through this process. File systems that can (XFS, btrfs) share whole blocks
/// that lie alike in both files.</summary>
internal static partial class FileRange
{
    private const long StepBytes = 64 * 1024 * 1024;
    private const long BlockBytes = 4096;   // of the file systems that share

    /// <exception cref="IOException">The disk refused, or the source ended.</exception>
    public static async Task CopyAsync(SafeFileHandle from, long fromOffset, SafeFileHandle to, long toOffset, long bytes, CancellationToken ct)
    {
        var untilBlock = (toOffset - fromOffset) % BlockBytes == 0 ? (BlockBytes - fromOffset % BlockBytes) % BlockBytes : 0;
        while (bytes > 0)
        {
            ct.ThrowIfCancellationRequested();
            var step = Math.Min(bytes, untilBlock > 0 ? untilBlock : StepBytes);   // of what begins within a block, the kernel shares nothing
            untilBlock = 0;
            var (read, write) = (fromOffset, toOffset);
            var copied = copy_file_range(from, ref read, to, ref write, (nint)step, 0);
            if (copied <= 0)
            {
                await CopyThroughAsync(from, fromOffset, to, toOffset, bytes, ct);   // this file system cannot, or says why it could not
                return;
            }
            (fromOffset, toOffset, bytes) = (fromOffset + copied, toOffset + copied, bytes - copied);
        }
    }

    private static async Task CopyThroughAsync(SafeFileHandle from, long fromOffset, SafeFileHandle to, long toOffset, long bytes, CancellationToken ct)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1024 * 1024);
        try
        {
            while (bytes > 0)
            {
                var read = await RandomAccess.ReadAsync(from, buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), fromOffset, ct);
                if (read == 0) throw new EndOfStreamException("A stored file ended before a range of it.");
                await RandomAccess.WriteAsync(to, buffer.AsMemory(0, read), toOffset, ct);
                (fromOffset, toOffset, bytes) = (fromOffset + read, toOffset + read, bytes - read);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint copy_file_range(SafeFileHandle from, ref long fromOffset, SafeFileHandle to, ref long toOffset, nint bytes, uint flags);
}
