using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>A SHA-256 as blobs are named by it: exactly 64 lower-case hexadecimal digits, so it can stand in a path.</summary>
internal sealed record BlobHash
{
    private const int Chars = 64, BufferBytes = 256 * 1024;

    private BlobHash(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    public static bool TryParse(string? text, [NotNullWhen(true)] out BlobHash? hash)
    {
        hash = text is { Length: Chars } && text.All(char.IsAsciiHexDigitLower) ? new BlobHash(text) : null;
        return hash is not null;
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="pace">Awaited with the number of bytes read so far.</param>
    public static async Task<BlobHash> OfAsync(Stream content, Func<long, ValueTask> pace, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int count; (count = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), ct)) > 0;)
            {
                hash.AppendData(buffer, 0, count);
                await pace(content.Position);
            }
            return Of(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static BlobHash Of(ReadOnlySpan<byte> digest) => new(Convert.ToHexStringLower(digest));
}
