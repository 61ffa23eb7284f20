using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Sends what the zoo lacks of one blob: the chunks it does not know, or all from where it has it on. A lost connection costs at
/// most what was not durable.</summary>
internal sealed class BlobUpload(UploadsClient uploads, TransferProgress progress, TimeProvider time)
{
    /// <summary>Bytes of one request that sends a file in order: what a proxy must let pass. When a connection breaks the zoo keeps what came.</summary>
    private const long PartBytes = 1L << 30;

    /// <summary>Bytes of one request that fills a gap, and how many go at once.</summary>
    private const long GapBytes = 64L * 1024 * 1024;
    private const int GapsAtOnce = 4;

    private const int AttemptsWithoutProgress = 5;

    /// <summary>The zoo hashes a file that did not come in order, and goes on when a proxy gives up waiting: so long it is asked again.</summary>
    private static readonly TimeSpan HashingPatience = TimeSpan.FromHours(1);
    private static readonly TimeSpan HashingPause = TimeSpan.FromMilliseconds(200);   // the zoo itself waits before it says "not yet"

    /// <returns>How many bytes were sent.</returns>
    /// <exception cref="Refusal">The zoo refuses, or it does not get further.</exception>
    public async Task<long> RunAsync(RepositoryName repository, HashedFile file, CancellationToken ct)
    {
        var upload = await uploads.CreateAsync(repository, file.Sha256, file.File.SizeBytes, ct);
        var isNew = upload is { OffsetBytes: 0, Missing: [{ OffsetBytes: 0 } whole] } && whole.SizeBytes == upload.SizeBytes;
        if (isNew && upload.SizeBytes >= KnownChunks.WorthwhileBytes && await new KnownChunks(uploads).RunAsync(upload, file, ct) > 0)
        {
            upload = await uploads.GetAsync(upload.Id, ct);
        }
        var toSend = Left(upload);
        progress.Resumed(upload.SizeBytes - toSend);
        if (toSend == upload.SizeBytes - upload.OffsetBytes)
        {
            await SendInOrderAsync(upload, file, ct);
            return toSend;
        }
        try
        {
            await FillGapsAsync(upload, file, ct);
            return toSend;
        }
        catch (ApiRefusal refusal) when (refusal.Type == "urn:zoo:blob.hash-mismatch")
        {
            // Something that the zoo copied is damaged there. All of it is sent then.
            progress.Resumed(-upload.SizeBytes);
            await SendInOrderAsync(await uploads.CreateAsync(repository, file.Sha256, file.File.SizeBytes, ct), file, ct);
            return toSend + upload.SizeBytes;
        }
    }

    private static long Left(UploadView upload) => upload.Missing?.Sum(gap => gap.SizeBytes) ?? upload.SizeBytes - upload.OffsetBytes;

    private async Task SendInOrderAsync(UploadView upload, HashedFile file, CancellationToken ct)
    {
        await using var content = File.OpenRead(file.File.FullPath);
        for (var fruitless = 0; !upload.Complete;)
        {
            var before = upload.OffsetBytes;
            var told = 0L;
            void Tell(long bytes)
            {
                told += bytes;
                progress.Moved(bytes);
            }
            try
            {
                if (upload.SizeBytes > 0 && before == upload.SizeBytes)
                {
                    upload = await CompleteAsync(upload, ct);
                    continue;
                }
                content.Position = before;
                var part = new PartStream(content, Math.Min(PartBytes, upload.SizeBytes - before), Tell);
                upload = await uploads.AppendAsync(upload.Id, before, part, ct);
            }
            catch (Exception e) when (MayPass(e) && ++fruitless < AttemptsWithoutProgress)
            {
                // The zoo knows how much arrived.
                await PauseAsync(fruitless, ct);
                upload = await uploads.GetAsync(upload.Id, ct);
            }
            progress.Moved(upload.OffsetBytes - before - told);   // what was sent and did not arrive is taken back
            if (upload.OffsetBytes > before)
            {
                fruitless = 0;
            }
            else if (!upload.Complete && ++fruitless >= AttemptsWithoutProgress)
            {
                throw Stuck(file, before);
            }
        }
    }

    private async Task FillGapsAsync(UploadView upload, HashedFile file, CancellationToken ct)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = GapsAtOnce, CancellationToken = ct };
        for (var fruitless = 0; Left(upload) > 0;)
        {
            var before = Left(upload);
            var told = 0L;
            try
            {
                await Parallel.ForEachAsync(upload.Missing!.SelectMany(Pieces), parallel, async (piece, ct) =>
                {
                    await using var content = File.OpenRead(file.File.FullPath);
                    content.Position = piece.OffsetBytes;
                    await uploads.PutPartAsync(upload.Id, piece.OffsetBytes, new PartStream(content, piece.SizeBytes, bytes =>
                    {
                        Interlocked.Add(ref told, bytes);
                        progress.Moved(bytes);
                    }), ct);
                });
            }
            catch (Exception e) when (MayPass(e) && ++fruitless < AttemptsWithoutProgress)
            {
                await PauseAsync(fruitless, ct);
            }
            upload = await uploads.GetAsync(upload.Id, ct);
            progress.Moved(before - Left(upload) - told);
            if (Left(upload) < before)
            {
                fruitless = 0;
            }
            else if (++fruitless >= AttemptsWithoutProgress)
            {
                throw Stuck(file, upload.SizeBytes - before);
            }
        }
        await CompleteAsync(upload, ct);
    }

    private async Task<UploadView> CompleteAsync(UploadView upload, CancellationToken ct)
    {
        for (var until = time.GetUtcNow() + HashingPatience; ;)
        {
            try
            {
                return await uploads.CompleteAsync(upload.Id, ct);
            }
            catch (ApiRefusal refusal) when (refusal is { Type: "urn:zoo:upload.busy" } or { Status: 504 } && time.GetUtcNow() < until)
            {
                await Task.Delay(HashingPause, time, ct);
            }
        }
    }

    private static IEnumerable<ByteRange> Pieces(ByteRange gap)
    {
        for (var at = 0L; at < gap.SizeBytes; at += GapBytes)
        {
            yield return new ByteRange(gap.OffsetBytes + at, Math.Min(GapBytes, gap.SizeBytes - at));
        }
    }

    private static bool MayPass(Exception e) => e is ZooUnreachable or ApiRefusal { Status: 409 or 502 or 503 or 504 };

    private Task PauseAsync(int fruitless, CancellationToken ct) => Task.Delay(TimeSpan.FromMilliseconds(300 * (1 << fruitless)), time, ct);

    private static Refusal Stuck(HashedFile file, long atBytes) =>
        new($"{file.File.Path} does not get further than {Amounts.Bytes(atBytes)}", "push again: it goes on from there");
}
