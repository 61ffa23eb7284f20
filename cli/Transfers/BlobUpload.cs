using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Sends one blob in parts, from where the zoo has it on; a lost connection costs at most what was not durable.</summary>
internal sealed class BlobUpload(UploadsClient uploads, TransferProgress progress, TimeProvider time)
{
    /// <summary>Bytes of one request: what a proxy must let pass. When a connection breaks the zoo keeps what came.</summary>
    private const long PartBytes = 1L << 30;

    private const int AttemptsWithoutProgress = 5;

    public async Task RunAsync(RepositoryName repository, HashedFile file, CancellationToken ct)
    {
        var upload = await uploads.CreateAsync(repository, file.Sha256, file.File.SizeBytes, ct);
        progress.Resumed(upload.OffsetBytes);
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
                content.Position = before;
                var part = new PartStream(content, Math.Min(PartBytes, upload.SizeBytes - before), Tell);
                upload = await uploads.AppendAsync(upload.Id, before, part, ct);
            }
            catch (Exception e) when (e is ZooUnreachable or ApiRefusal { Status: 409 or 502 or 503 or 504 } && ++fruitless < AttemptsWithoutProgress)
            {
                // The zoo knows how much arrived.
                await Task.Delay(TimeSpan.FromMilliseconds(300 * (1 << fruitless)), time, ct);
                upload = await uploads.GetAsync(upload.Id, ct);
            }
            progress.Moved(upload.OffsetBytes - before - told);   // what was sent and did not arrive is taken back
            if (upload.OffsetBytes > before)
            {
                fruitless = 0;
            }
            else if (!upload.Complete && ++fruitless >= AttemptsWithoutProgress)
            {
                throw new Refusal($"{file.File.Path} does not get further than {Amounts.Bytes(before)}", "push again: it goes on from there");
            }
        }
    }
}
