using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Copies a range from one file to another without taking it through this process; file systems that can, share it.</summary>
internal static partial class FileRange
{
    private const long StepBytes = 64 * 1024 * 1024;

    /// <exception cref="IOException">The disk refused, or the source ended.</exception>
    public static async Task CopyAsync(SafeFileHandle from, long fromOffset, SafeFileHandle to, long toOffset, long bytes, CancellationToken ct)
    {
        while (bytes > 0)
        {
            ct.ThrowIfCancellationRequested();
            var (read, write) = (fromOffset, toOffset);
            var copied = copy_file_range(from, ref read, to, ref write, (nint)Math.Min(bytes, StepBytes), 0);
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
