using System.Buffers;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;
using Npgsql;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>Blobs as objects of a <see cref="Bucket"/>. A blob's row is the truth: whoever asks whether it is there is answered from the row, so that
/// a commit of a thousand files asks the store nothing. That an object is lost shows when it is read, and is then noted in its row.</summary>
internal sealed class S3Blobs(Bucket bucket, PutBlob put, KeepMarks marks, NpgsqlDataSource source, IOptions<S3Options> options, TimeProvider time) : IBlobStore
{
    private const int BufferBytes = 256 * 1024, PageKeys = 1000;
    private const long MaxCopyBytes = 256L * 1024 * 1024;   // a store may copy in silence, but not for long
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    public int OpenAhead => options.Value.AtOnce;

    public async Task<IReadOnlyList<BlobRef>> FindLostAsync(IReadOnlyCollection<BlobRef> blobs, CancellationToken ct)
    {
        if (blobs.Count == 0) return [];
        await using var command = source.CreateCommand("""
            select sha256, size_bytes from unnest($1, $2) as asked(sha256, size_bytes)
            where not exists (select from blobs b where b.sha256 = asked.sha256 and b.size_bytes = asked.size_bytes and b.damaged_at is null)
            """);
        command.Parameters.Add(new() { Value = blobs.Select(blob => blob.Hash.Value).ToArray() });
        command.Parameters.Add(new() { Value = blobs.Select(blob => blob.SizeBytes).ToArray() });
        var lost = new List<BlobRef>();
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
            if (BlobHash.TryParse(rows.GetString(0), out var hash)) lost.Add(new BlobRef(hash, rows.GetInt64(1)));
        return lost;
    }

    public async Task<bool> LookAsync(BlobRef blob, CancellationToken ct) => await bucket.HeadAsync(blob.Hash, ct) == blob.SizeBytes;

    public async Task<IAsyncDisposable> KeepAsync(SafeFileHandle file, string path, BlobRef blob, CancellationToken ct)
    {
        var mark = await marks.MarkAsync([blob.Hash], ct);
        try
        {
            Failpoint.Reach("keep.marked");
            await put.RunAsync(file, blob, ct);
            Failpoint.Reach("keep.put");
            File.Delete(path);
            return mark;
        }
        catch
        {
            await mark.DisposeAsync();
            throw;
        }
    }

    public async Task<IAsyncDisposable> KeepAllAsync(IReadOnlyList<(string Path, BlobRef Blob)> files, CancellationToken ct)
    {
        var mark = await marks.MarkAsync([.. files.Select(file => file.Blob.Hash)], ct);
        try
        {
            Failpoint.Reach("batch.marked");
            await Parallel.ForEachAsync(files.DistinctBy(file => file.Blob.Hash), new ParallelOptions { MaxDegreeOfParallelism = options.Value.AtOnce, CancellationToken = ct }, async (file, stop) =>
            {
                using var handle = File.OpenHandle(file.Path);
                await put.RunAsync(handle, file.Blob, stop);
                Failpoint.Reach("batch.put");
            });
            foreach (var (path, _) in files) File.Delete(path);
            return mark;
        }
        catch
        {
            await mark.DisposeAsync();
            throw;
        }
    }

    public async Task<Stream?> OpenAsync(BlobRef blob, CancellationToken ct, long offset = 0)
    {
        var content = StreamOf(blob);
        content.Position = offset;
        if (await content.TryBeginAsync(ct)) return content;
        await content.DisposeAsync();
        return null;
    }

    public async Task<bool> CopyRangeAsync(BlobHash blob, long offset, long bytes, SafeFileHandle to, long toOffset, CancellationToken ct)
    {
        if (bytes == 0) return true;
        using var answer = await bucket.GetAsync(blob, offset, bytes, ct);
        if (answer is null) return false;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (bytes > 0)
            {
                var read = await bucket.AskAsync(_ => answer.ResponseStream.ReadAsync(buffer, 0, (int)Math.Min(BufferBytes, bytes), ct), ct);
                if (read == 0) throw new StoreUnreachableException("an answer ended early", new EndOfStreamException());
                await RandomAccess.WriteAsync(to, buffer.AsMemory(0, read), toOffset, ct);
                (bytes, toOffset) = (bytes - read, toOffset + read);
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async Task<IResult?> SendAsync(SentBlob blob, HttpResponse response, CancellationToken ct)
    {
        var held = new BlobRef(blob.Hash, blob.SizeBytes);
        if ((await FindLostAsync([held], ct)).Count > 0) return null;
        var tag = new EntityTagHeaderValue($"\"{blob.Tag}\"");
        if (!SentElsewhere.Fits(blob, tag, response.HttpContext.Request, options.Value))
            return TypedResults.Stream(StreamOf(held), blob.ContentType, blob.FileName, blob.At, tag, enableRangeProcessing: true);
        var asked = time.GetUtcNow();
        if (!await LookAsync(held, ct))
        {
            await NoteLostAsync(held, asked);
            return null;
        }
        return new SentElsewhere(await bucket.SignAsync(blob, SentElsewhere.DispositionOf(blob), asked + options.Value.RedirectLife), blob, tag);
    }

    public async Task DeleteAsync(IReadOnlyList<BlobHash> blobs, Func<Task<IReadOnlyCollection<BlobHash>>> decide,
        Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named, CancellationToken ct) =>
        await marks.DeleteUnnamedAsync(await decide(), DeleteObjectsAsync, ct);

    /// <remarks>Parts of puts and copies that were killed, too; those after a day, however long the grace is.</remarks>
    public async Task DeleteOrphansAsync(DateTimeOffset before, Func<IReadOnlyCollection<BlobHash>, Task<IReadOnlySet<BlobHash>>> named, CancellationToken ct)
    {
        await marks.ForgetAsync(ct);
        var ask = new ListObjectsV2Request { BucketName = bucket.Name, Prefix = bucket.BlobsPrefix, MaxKeys = PageKeys };
        do
        {
            var page = await bucket.AskAsync(s3 => s3.ListObjectsV2Async(ask, ct), ct);
            var old = (page.S3Objects ?? []).Where(one => one.LastModified < before.UtcDateTime).Select(one => bucket.HashOf(one.Key)).OfType<BlobHash>().ToList();
            var rows = await named(old);
            await marks.DeleteUnnamedAsync([.. old.Where(hash => !rows.Contains(hash))], DeleteObjectsAsync, ct);
            ask.ContinuationToken = page.NextContinuationToken;
        }
        while (ask.ContinuationToken is not null);
        var abandoned = time.GetUtcNow() - s_abandoned;
        foreach (var folder in new[] { bucket.BlobsPrefix, bucket.DamagedPrefix }) await AbortAsync(folder, before > abandoned ? before : abandoned, ct);
    }

    private async Task AbortAsync(string folder, DateTimeOffset before, CancellationToken ct)
    {
        var ask = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = folder };
        for (var more = true; more;)
        {
            var page = await bucket.AskAsync(s3 => s3.ListMultipartUploadsAsync(ask, ct), ct);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                if (upload.Initiated >= before.UtcDateTime || (bucket.HashOf(upload.Key) is { } hash && await marks.IsMarkedAsync(hash, ct))) continue;
                await bucket.AskAsync(s3 => s3.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = upload.Key, UploadId = upload.UploadId }, ct), ct);
            }
            more = page.IsTruncated == true;
            (ask.KeyMarker, ask.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    /// <remarks>1. Read. 2. Copy what is wrong aside. 3. With the gate closed: delete it, unless the same bytes came since 1.</remarks>
    public async Task<AtRest> ScrubAsync(BlobRef blob, Func<long, ValueTask> pace, CancellationToken ct)
    {
        // 1
        if (await marks.KeptAtAsync(blob.Hash, ct) is not { } kept) return new AtRest.Renewed();
        await using var content = await OpenAsync(blob, ct);
        if (content is null) return new AtRest.Damaged("(no object of this size)", null);
        var actual = await BlobHash.OfAsync(content, pace, ct);
        if (actual == blob.Hash) return new AtRest.Sound();
        // 2
        var place = bucket.DamagedKeyOf(blob.Hash);
        await CopyAsync(blob, place, ct);
        Failpoint.Reach("scrub.copied");
        // 3
        if (await marks.TakeAsync(blob.Hash, kept, DeleteObjectsAsync, ct)) return new AtRest.Damaged(actual.Value, place);
        await bucket.AskAsync(s3 => s3.DeleteObjectAsync(bucket.Name, place, ct), ct);
        return new AtRest.Renewed();
    }

    private ObjectStream StreamOf(BlobRef blob)
    {
        var asked = time.GetUtcNow();
        return new ObjectStream(bucket, blob, () => NoteLostAsync(blob, asked));
    }

    /// <summary>The row said that it was there. Unless it came anew since it was asked for, it is damaged: a push sends it again.</summary>
    private async Task NoteLostAsync(BlobRef blob, DateTimeOffset asked)
    {
        await using var command = source.CreateCommand("update blobs set damaged_at = $3 where sha256 = $1 and kept_at < $2 and damaged_at is null");
        command.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = blob.Hash.Value }, new() { Value = asked }, new() { Value = time.GetUtcNow() } });
        await command.ExecuteNonQueryAsync();
    }

    /// <param name="ct">Ends it early: it may then still be carried out.</param>
    private Task DeleteObjectsAsync(IReadOnlyList<BlobHash> blobs, CancellationToken ct) => bucket.AskAsync(s3 => s3.DeleteObjectsAsync(new DeleteObjectsRequest
    {
        BucketName = bucket.Name, Quiet = true, Objects = [.. blobs.Select(blob => new KeyVersion { Key = bucket.KeyOf(blob) })],
    }, ct), CancellationToken.None);

    private async Task CopyAsync(BlobRef blob, string place, CancellationToken ct)
    {
        var key = bucket.KeyOf(blob.Hash);
        if (blob.SizeBytes <= MaxCopyBytes)
        {
            await bucket.AskAsync(s3 => s3.CopyObjectAsync(bucket.Name, key, bucket.Name, place, ct), ct);
            return;
        }
        var upload = (await bucket.AskAsync(s3 => s3.InitiateMultipartUploadAsync(bucket.Name, place, ct), ct)).UploadId;
        var parts = new List<PartETag>();
        for (var offset = 0L; offset < blob.SizeBytes; offset += MaxCopyBytes)
        {
            var (from, to, number) = (offset, Math.Min(offset + MaxCopyBytes, blob.SizeBytes) - 1, parts.Count + 1);
            parts.Add(new PartETag(number, (await bucket.AskAsync(s3 => s3.CopyPartAsync(new CopyPartRequest
            {
                SourceBucket = bucket.Name, SourceKey = key, DestinationBucket = bucket.Name, DestinationKey = place, UploadId = upload, PartNumber = number, FirstByte = from, LastByte = to,
            }, ct), ct)).ETag));
        }
        await bucket.AskAsync(s3 => s3.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = bucket.Name, Key = place, UploadId = upload, PartETags = parts }, ct), ct);
    }
}
