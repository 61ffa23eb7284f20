using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Formats;

/// <summary>The SHA-256 of a file, as fast as one processor hashes: while some bytes are hashed the next are read.</summary>
public static class FileHash
{
    private const int BufferBytes = 2 * 1024 * 1024;

    /// <summary>Read at once on the caller's thread: asking another thread would take longer.</summary>
    private const int SmallBytes = 256 * 1024;

    /// <param name="sizeBytes">How many bytes from the beginning; of a shorter file all.</param>
    /// <param name="hashed">Told how many more bytes are hashed.</param>
    /// <returns>32 bytes.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public static async Task<byte[]> Sha256Async(SafeFileHandle file, long sizeBytes, Action<long>? hashed = null, CancellationToken ct = default)
    {
        if (sizeBytes <= SmallBytes) return Sha256OfSmall(file, (int)sizeBytes, hashed);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bufferBytes = (int)Math.Min(BufferBytes, sizeBytes);
        var (reading, read) = (ArrayPool<byte>.Shared.Rent(bufferBytes), ArrayPool<byte>.Shared.Rent(bufferBytes));
        var next = ReadAsync(reading, 0);
        try
        {
            for (long offset = 0; await next is > 0 and var count;)
            {
                (reading, read) = (read, reading);
                offset += count;
                next = ReadAsync(reading, offset);
                hash.AppendData(read, 0, count);
                hashed?.Invoke(count);
            }
            return hash.GetHashAndReset();
        }
        finally
        {
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);   // it writes into a pooled buffer
            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(read);
        }

        Task<int> ReadAsync(byte[] buffer, long offset) =>
            RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(bufferBytes, sizeBytes - offset)), offset, ct).AsTask();
    }

    private static byte[] Sha256OfSmall(SafeFileHandle file, int sizeBytes, Action<long>? hashed)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(sizeBytes);
        try
        {
            var count = 0;
            while (count < sizeBytes && RandomAccess.Read(file, buffer.AsSpan(count, sizeBytes - count), count) is > 0 and var read) count += read;
            hashed?.Invoke(count);
            return SHA256.HashData(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
