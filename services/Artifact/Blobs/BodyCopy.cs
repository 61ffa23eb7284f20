using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Writes a request's body into a file, from an offset on, through two pooled buffers: one is filled while the other is hashed and written.</summary>
/// <param name="limitBytes">The file may not grow beyond; what the body holds more is not written.</param>
internal sealed class BodyCopy(SafeFileHandle file, long offsetBytes, long limitBytes)
{
    private const int BufferBytes = 512 * 1024;

    /// <summary>After so many bytes the disk is told to begin writing, so that the fsync at the end finds little to do.</summary>
    private const int WriteBehindBytes = 8 * 1024 * 1024;

    private long _begun = offsetBytes;

    /// <summary>How far the file is written; true also after the body broke off.</summary>
    public long OffsetBytes { get; private set; } = offsetBytes;

    /// <summary>The body held more than the limit allows.</summary>
    public bool TooLong { get; private set; }

    /// <param name="hash">Gets every byte written.</param>
    /// <param name="written">Called after each write.</param>
    /// <exception cref="IOException">The client went away, or the disk refused.</exception>
    public async Task RunAsync(Stream body, IncrementalHash? hash, Func<ValueTask>? written, CancellationToken ct)
    {
        var (filling, working) = (ArrayPool<byte>.Shared.Rent(BufferBytes), ArrayPool<byte>.Shared.Rent(BufferBytes));
        var work = Task.CompletedTask;
        try
        {
            while (true)
            {
                var filled = 0;
                try
                {
                    int read;
                    while (filled < BufferBytes && (read = await body.ReadAsync(filling.AsMemory(filled, BufferBytes - filled), ct)) > 0) filled += read;
                }
                finally
                {
                    await work;   // in order
                    (filling, working) = (working, filling);
                    var (buffer, count) = (working, filled);
                    work = count == 0 ? Task.CompletedTask : Task.Run(() => KeepAsync(buffer, count, hash, written), CancellationToken.None);   // also what came before the body broke off
                }
                if (filled < BufferBytes || TooLong) break;
            }
        }
        finally
        {
            await work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(working);
        }
        await work;
    }

    private async Task KeepAsync(byte[] buffer, int filled, IncrementalHash? hash, Func<ValueTask>? written)
    {
        var fits = (int)Math.Min(filled, limitBytes - OffsetBytes);
        TooLong |= fits < filled;
        if (fits == 0) return;
        hash?.AppendData(buffer, 0, fits);
        RandomAccess.Write(file, buffer.AsSpan(0, fits), OffsetBytes);
        OffsetBytes += fits;
        Measures.BlobReceived(fits);
        if (OffsetBytes - _begun >= WriteBehindBytes)
        {
            Disk.BeginWriting(file, _begun, OffsetBytes - _begun);
            _begun = OffsetBytes;
        }
        if (written is not null) await written();
    }
}
