using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Writes a request's body into a file, from an offset on, through one pooled buffer.</summary>
/// <param name="limitBytes">The file may not grow beyond; what the body holds more is not written.</param>
internal sealed class BodyCopy(SafeFileHandle file, long offsetBytes, long limitBytes)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>How far the file is written; true also after the body broke off.</summary>
    public long OffsetBytes { get; private set; } = offsetBytes;

    /// <summary>The body held more than the limit allows.</summary>
    public bool TooLong { get; private set; }

    /// <param name="hash">Gets every byte written.</param>
    /// <param name="written">Called after each write.</param>
    /// <exception cref="IOException">The client went away, or the disk refused.</exception>
    public async Task RunAsync(Stream body, IncrementalHash? hash, Func<ValueTask>? written, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                var filled = 0;
                try
                {
                    int read;
                    while (filled < BufferBytes && (read = await body.ReadAsync(buffer.AsMemory(filled, BufferBytes - filled), ct)) > 0)
                        filled += read;
                }
                finally
                {
                    await WriteAsync(buffer, filled, hash);   // also what came before the body broke off
                }
                if (filled > 0 && written is not null) await written();
                if (filled < BufferBytes || TooLong) return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteAsync(byte[] buffer, int filled, IncrementalHash? hash)
    {
        var fits = (int)Math.Min(filled, limitBytes - OffsetBytes);
        TooLong |= fits < filled;
        if (fits == 0) return;
        hash?.AppendData(buffer, 0, fits);
        await RandomAccess.WriteAsync(file, buffer.AsMemory(0, fits), OffsetBytes, CancellationToken.None);
        OffsetBytes += fits;
        Measures.BlobReceived(fits);
    }
}
