using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>Puts a spooled file into the bucket, in one request or in parts side by side. Nothing of it is held in memory.</summary>
/// <remarks>
/// 1. Read a part: its MD5, and the SHA-256 of all of them. 2. Put it with the MD5, which the store compares with what arrives. 3. Before the
/// object appears: refuse when the file is not what was hashed when it came. 4. Of parts: look whether the object has as many bytes.
/// A put that is broken or cancelled leaves no object, and no parts but those that the store was told to join.
/// </remarks>
internal sealed class PutBlob(Bucket bucket, IOptions<S3Options> options)
{
    private const int MaxParts = 9_000, BufferBytes = 256 * 1024;

    public Task RunAsync(SafeFileHandle file, BlobRef blob, CancellationToken ct)
    {
        var partBytes = Math.Max(options.Value.PartBytes, (blob.SizeBytes + MaxParts - 1) / MaxParts);
        return blob.SizeBytes <= partBytes ? PutAsync(file, blob, ct) : PutPartsAsync(file, blob, partBytes, ct);
    }

    private async Task PutAsync(SafeFileHandle file, BlobRef blob, CancellationToken ct)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var md5 = await HashAsync(file, 0, blob.SizeBytes, sha256, ct);
        Compare(sha256, blob);
        await SendAsync(s3 => s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket.Name, Key = bucket.KeyOf(blob.Hash), InputStream = new FileSlice(file, 0, blob.SizeBytes), MD5Digest = md5, ContentType = "application/octet-stream",
        }, ct), ct);
    }

    private async Task PutPartsAsync(SafeFileHandle file, BlobRef blob, long partBytes, CancellationToken ct)
    {
        var key = bucket.KeyOf(blob.Hash);
        var upload = (await bucket.AskAsync(s3 => s3.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key, ContentType = "application/octet-stream" }, ct), ct)).UploadId;
        Failpoint.Reach("put.begun");
        var completing = false;
        try
        {
            var parts = await PutPartsAsync(file, blob, partBytes, key, upload, ct);
            Failpoint.Reach("put.parts");
            completing = true;
            await bucket.AskAsync(s3 => s3.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = upload, PartETags = [.. parts] }, ct), ct);
        }
        catch (StoreUnreachableException e) when (e.Code == "NoSuchUpload")
        {
            // The answer to the first try was lost, and the second finds it done. Step 4 tells whether it is.
        }
        catch
        {
            if (!completing) await AbortAsync(key, upload);   // else the store may be making the object of its parts just now: a sweep aborts what is left
            throw;
        }
        var there = await bucket.HeadAsync(blob.Hash, ct);   // 4
        if (there != blob.SizeBytes) throw new IOException($"The object store has {there?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no"} bytes of blob {blob.Hash}, not {blob.SizeBytes}.", 5);   // EIO: as a broken disk
    }

    private async Task<PartETag[]> PutPartsAsync(SafeFileHandle file, BlobRef blob, long partBytes, string key, string upload, CancellationToken ct)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var slots = new SemaphoreSlim(options.Value.AtOnce);
        var puts = new List<Task<PartETag>>();
        try
        {
            for (var offset = 0L; offset < blob.SizeBytes; offset += partBytes)
            {
                await slots.WaitAsync(broken.Token);
                var (from, bytes) = (offset, Math.Min(partBytes, blob.SizeBytes - offset));
                var md5 = await HashAsync(file, from, bytes, sha256, broken.Token);   // 1
                puts.Add(PutAsync(puts.Count + 1, from, bytes, md5));
            }
            Compare(sha256, blob);   // 3
            return await Task.WhenAll(puts);
        }
        catch
        {
            await broken.CancelAsync();
            await Task.WhenAll(puts).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var put in puts.Where(put => put.IsFaulted)) await put;   // what broke first, rather than that the others were cancelled
            throw;
        }

        async Task<PartETag> PutAsync(int number, long from, long bytes, string md5)
        {
            try
            {
                var answer = await SendAsync(s3 => s3.UploadPartAsync(new UploadPartRequest   // 2
                {
                    BucketName = bucket.Name, Key = key, UploadId = upload, PartNumber = number, PartSize = bytes, InputStream = new FileSlice(file, from, bytes), MD5Digest = md5,
                }, broken.Token), broken.Token);
                slots.Release();
                return new PartETag(number, answer.ETag);
            }
            catch
            {
                await broken.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>The SDK's own tries share a stream, from which one that broke off may be reading still. What the store then finds wrong with the bytes is
    /// no word about the file: once more, from a stream of its own.</summary>
    private async Task<T> SendAsync<T>(Func<IAmazonS3, Task<T>> put, CancellationToken ct)
    {
        try
        {
            return await bucket.AskAsync(put, ct);
        }
        catch (StoreUnreachableException e) when (e.Code is "SignatureDoesNotMatch" or "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody")
        {
            return await bucket.AskAsync(put, ct);
        }
    }

    /// <summary>Not cancelled with the request; what it misses, a sweep finds.</summary>
    private async Task AbortAsync(string key, string upload)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await bucket.AskAsync(s3 => s3.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = upload }, patience.Token), CancellationToken.None);
        }
        catch (StoreUnreachableException)
        {
        }
    }

    private static async Task<string> HashAsync(SafeFileHandle file, long offset, long bytes, IncrementalHash sha256, CancellationToken ct)
    {
        // CA5351: the store compares what arrives by it; SHA-256 says what the bytes are.
#pragma warning disable CA5351
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var end = offset + bytes; offset < end;)
            {
                var count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(BufferBytes, end - offset)), offset, ct);
                if (count == 0) throw new IOException("A spooled file is shorter than it was.", 5);
                md5.AppendData(buffer, 0, count);
                sha256.AppendData(buffer, 0, count);
                offset += count;
            }
            return Convert.ToBase64String(md5.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Compare(IncrementalHash sha256, BlobRef blob)
    {
        if (BlobHash.Of(sha256.GetHashAndReset()) is var actual && actual != blob.Hash) throw new IOException($"The spooled file of blob {blob.Hash} has SHA-256 {actual} now.", 5);
    }
}
