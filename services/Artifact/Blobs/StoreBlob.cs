using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Blobs;

internal abstract record StoreOutcome
{
    internal sealed record Stored(long SizeBytes) : StoreOutcome;

    internal sealed record Mismatch(string Actual, long SizeBytes) : StoreOutcome;

    internal sealed record TooLarge : StoreOutcome;
}

/// <summary>Takes a whole blob in one request. Safe to repeat.</summary>
/// <remarks>1. Write the body to a temporary file, hashing. 2. Refuse another hash. 3. Keep the file, also when the client leaves: its bytes need not
/// come again. 4. Note it. Whatever ends it before 3 leaves nothing.</remarks>
internal sealed class StoreBlob(IBlobStore store, Spool spool, StageBlob stage, IOptions<ArtifactOptions> options)
{
    /// <param name="sizeBytes">What was announced, where the protocol does; more is <see cref="StoreOutcome.TooLarge"/>.</param>
    public async Task<StoreOutcome> RunAsync(Guid repositoryId, Caller caller, BlobHash hash, Stream body, CancellationToken ct, long? sizeBytes = null)
    {
        var path = spool.NewFile();
        try
        {
            // 1
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            using var running = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var copy = new BodyCopy(file, 0, sizeBytes ?? options.Value.MaxBlobBytes);
            await copy.RunAsync(body, running, written: null, ct);
            // 2
            if (copy.TooLong) return new StoreOutcome.TooLarge();
            var actual = BlobHash.Of(running.GetHashAndReset());
            if (actual != hash) return new StoreOutcome.Mismatch(actual.Value, copy.OffsetBytes);
            // 3
            var facts = BlobFacts.Of(file, hash, copy.OffsetBytes);
            await using var kept = await store.KeepAsync(file, path, facts.Ref, CancellationToken.None);
            // 4
            await stage.RunAsync(repositoryId, caller, facts, CancellationToken.None);
            return new StoreOutcome.Stored(copy.OffsetBytes);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
