using System.Buffers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Answers a run of a blob as a xorb: before each chunk its eight bytes, the chunk as it is. Nothing of it is stored.
/// A chunk that has another hash than it had is not sent.</summary>
internal sealed class SendXorb(ArtifactDb db, IBlobStore store, Suspects suspects, ILogger<SendXorb> logger)
{
    /// <returns>Null: there is no such run, or not for this caller any more.</returns>
    public async Task<IResult?> RunAsync(Guid repositoryId, Caller caller, XetHash xorb, BlobHash sha256, int number, RangeHeaderValue? asked, CancellationToken ct)
    {
        var (value, bytes) = (sha256.Value, xorb.ToBytes());
        var blob = await db.BlobsOf(repositoryId, caller).AsNoTracking().SingleOrDefaultAsync(row => row.Sha256 == value, ct);
        var run = blob is null ? null : await db.ChunkRuns.AsNoTracking().SingleOrDefaultAsync(row => row.Sha256 == value && row.Run == number && row.Xorb == bytes, ct);
        if (run is null) return null;
        var chunks = new PackedChunks(run.Chunks);
        var total = chunks.OffsetOf(chunks.Count) + (long)XorbChunkHead.Bytes * chunks.Count;
        var (first, last, partial) = (0L, total - 1, asked is { Ranges.Count: 1 });
        if (partial)
        {
            var one = asked!.Ranges.Single();
            first = one.From ?? Math.Max(0, total - (one.To ?? 0));
            last = one.From is null ? total - 1 : Math.Min(one.To ?? total - 1, total - 1);
            if (first > last) return XetProblems.RangeBeyondEnd;
        }
        if (await store.OpenAsync(new BlobRef(sha256, blob!.SizeBytes), ct, run.OffsetBytes) is { } content) {
            return new XorbAnswer(content, run, first, last, total, partial, () =>
            {
                suspects.Add(sha256);
                return new BlobLostException(new BlobRef(sha256, blob.SizeBytes));
            });
        }
        logger.BlobDamaged(value, blob.SizeBytes);
        return XetProblems.FileUnknown;
    }

    private sealed record XorbAnswer(Stream Content, ChunkRun Run, long First, long Last, long TotalBytes, bool Partial, Func<BlobLostException> Wrong) : IResult
    {
        private const int BufferBytes = 256 * 1024;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
            response.StatusCode = Partial ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
            response.ContentType = "application/octet-stream";
            response.ContentLength = Last - First + 1;
            response.Headers.AcceptRanges = "bytes";
            response.Headers.CacheControl = "private, no-store";
            if (Partial) response.Headers.ContentRange = new ContentRangeHeaderValue(First, Last, TotalBytes).ToString();
            await using var content = Content;
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                await WriteAsync(content, buffer, response.Body, ct);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            Measures.BlobSent(Last - First + 1);
        }

        private async Task WriteAsync(Stream content, byte[] buffer, Stream body, CancellationToken ct)
        {
            var chunks = new PackedChunks(Run.Chunks);
            var (at, offset, filled) = (0L, Run.OffsetBytes, 0);   // at: in the xorb; offset: in the blob
            for (var i = 0; i < chunks.Count && at <= Last; i++)
            {
                var length = chunks.LengthOf(i);
                var end = at + XorbChunkHead.Bytes + length;
                if (end > First)
                {
                    if (filled + XorbChunkHead.Bytes + length > buffer.Length)
                    {
                        await body.WriteAsync(buffer.AsMemory(0, filled), ct);
                        filled = 0;
                    }
                    XorbChunkHead.WriteRaw(length, buffer.AsSpan(filled));
                    content.Position = offset;
                    await content.ReadExactlyAsync(buffer.AsMemory(filled + XorbChunkHead.Bytes, length), ct);
                    if (XetHash.OfChunk(buffer.AsSpan(filled + XorbChunkHead.Bytes, length)) != chunks.HashOf(i)) throw Wrong();
                    var (from, to) = ((int)Math.Max(0, First - at), (int)(Math.Min(end, Last + 1) - at));
                    if (from > 0) buffer.AsSpan(filled + from, to - from).CopyTo(buffer.AsSpan(filled));
                    filled += to - from;
                }
                (at, offset) = (end, offset + length);
            }
            await body.WriteAsync(buffer.AsMemory(0, filled), ct);
        }
    }
}
