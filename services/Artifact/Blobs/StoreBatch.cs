using System.Buffers;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Blobs;

internal abstract record BatchOutcome
{
    internal sealed record Stored(IReadOnlyList<BlobReference> Blobs) : BatchOutcome;

    internal sealed record TooLarge : BatchOutcome;

    /// <param name="Blobs">How many came before.</param>
    internal sealed record Unreadable(int Blobs) : BatchOutcome;
}

/// <summary>Takes many small blobs in one request; all or none. Safe to repeat.</summary>
/// <remarks>1. Write each to a temporary file, hashing. 2. Keep all files. 3. Note and stage them. Whatever ends it before 2 leaves nothing.</remarks>
internal sealed class StoreBatch(ArtifactDb db, IBlobStore store, Spool spool, StageBlob stage, KeepQuota quota)
{
    public const int MaxBlobs = 10_000;
    public const int MaxBlobBytes = 1024 * 1024;
    public const long MaxBytes = 64L * 1024 * 1024;

    public async Task<BatchOutcome> RunAsync(Guid repositoryId, Caller caller, Stream body, CancellationToken ct)
    {
        var folder = spool.NewFile();
        Directory.CreateDirectory(folder);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBlobBytes);
        var facts = new List<BlobFacts>();
        IAsyncDisposable kept;
        try
        {
            // 1
            await using var content = new BufferedStream(body, 64 * 1024);
            var bytes = 0L;
            while (await Netstrings.ReadHeadAsync(content, ct) is { } size)
            {
                bytes += size;
                if (size > MaxBlobBytes || facts.Count == MaxBlobs || bytes > MaxBytes) return new BatchOutcome.TooLarge();
                var blob = buffer.AsMemory(0, (int)size);
                await content.ReadExactlyAsync(blob, ct);
                await Netstrings.ReadTailAsync(content, ct);
                facts.Add(BlobFacts.Of(blob.Span));
                using var file = File.OpenHandle(PathOf(folder, facts.Count - 1), FileMode.CreateNew, FileAccess.Write);
                RandomAccess.Write(file, blob.Span, 0);
                Measures.BlobReceived(size);
            }
            // 2
            kept = await store.KeepAllAsync([.. facts.Select((blob, i) => (PathOf(folder, i), blob.Ref))], ct);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return new BatchOutcome.Unreadable(facts.Count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Directory.Delete(folder, recursive: true);
        }
        await using var untilNoted = kept;
        Failpoint.Reach("batch.kept");
        // 3
        await StageAsync(repositoryId, caller, facts, ct);
        return new BatchOutcome.Stored([.. facts.Select(blob => new BlobReference(blob.Hash.Value, blob.SizeBytes))]);
    }

    private async Task StageAsync(Guid repositoryId, Caller caller, List<BlobFacts> facts, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await quota.RunAsync(repositoryId, [.. facts.Select(blob => (blob.Hash.Value, blob.SizeBytes)).Distinct()], ct);
        await stage.AddAsync(repositoryId, caller, facts, ct);
        await transaction.CommitAsync(ct);
    }

    private static string PathOf(string folder, int index) => Path.Combine(folder, index.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
