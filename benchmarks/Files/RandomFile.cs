using System.Security.Cryptography;

namespace ZooPlatform.Measure.Files;

/// <summary>Bytes that nobody has seen and nothing compresses.</summary>
internal static class RandomFile
{
    public static async Task WriteAsync(string path, long bytes, CancellationToken ct)
    {
        await using var file = File.Create(path);
        var block = new byte[Math.Min(1 << 20, bytes)];
        for (var written = 0L; written < bytes; written += block.Length)
        {
            RandomNumberGenerator.Fill(block);
            await file.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, bytes - written)), ct);
        }
    }
}
