using System.IO.Compression;
using ZooPlatform.Benchmark.Workers;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>The body of an inference in one piece of memory, unpacked when it came compressed; in both forms within the limit.</summary>
internal static class InferenceBody
{
    /// <exception cref="BodyTooLargeException">It has more than <paramref name="most"/> bytes.</exception>
    /// <exception cref="InvalidDataException">It cannot be unpacked.</exception>
    /// <exception cref="BudgetException">Too much is held already.</exception>
    public static async Task<PooledBytes> ReadAsync(HttpRequest request, long most, MemoryBudget budget, CancellationToken ct)
    {
        // Said before a byte is read, and so before a client that asks first (100-continue) sends one.
        if (request.ContentLength > most)
        {
            throw new BodyTooLargeException(most);
        }

        var coding = request.Headers.ContentEncoding.ToString().Trim();
        await using Stream? unpacked = coding.ToLowerInvariant() switch
        {
            "" or "identity" => null,
            "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            _ => throw new BadHttpRequestException($"Bodies coded '{coding}' are not taken; gzip and deflate are.", StatusCodes.Status415UnsupportedMediaType),
        };
        var bytes = new PooledBytes(budget);
        try
        {
            return await bytes.TryReadToEndAsync(unpacked ?? request.Body, unpacked is null ? request.ContentLength : null, most, ct)
                ? bytes
                : throw new BodyTooLargeException(most);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }
}
