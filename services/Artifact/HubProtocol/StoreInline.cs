using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Keeps and stages a file that came inside another body, and whose hash is therefore not known before. Safe to repeat.</summary>
/// <remarks>1. Write it to a temporary file, hashing. 2. Keep the file. 3. Note it. Whatever ends it before 2 leaves nothing.</remarks>
internal sealed class StoreInline(IBlobStore store, Spool spool, StageBlob stage, IOptions<ArtifactOptions> options)
{
    public async Task<BlobFacts> RunAsync(Guid repositoryId, Caller caller, Stream content, CancellationToken ct)
    {
        var path = spool.NewFile();
        try
        {
            // 1
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var copy = new BodyCopy(file, 0, options.Value.MaxBlobBytes);
            await copy.RunAsync(content, hash, written: null, ct);
            if (copy.TooLong) throw new BadHttpRequestException("A file in the commit is larger than this zoo takes.", StatusCodes.Status413PayloadTooLarge);
            var facts = BlobFacts.Of(file, BlobHash.Of(hash.GetHashAndReset()), copy.OffsetBytes);
            // 2
            await using var kept = await store.KeepAsync(file, path, facts.Ref, ct);
            // 3
            await stage.RunAsync(repositoryId, caller, facts, ct);
            return facts;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What base64 text stands for, as a stream that decodes as it is read.</summary>
    /// <param name="sizeBytes">Of the text.</param>
    /// <exception cref="BadHttpRequestException">It is cut short.</exception>
    public static Stream Decode(Stream base64, long sizeBytes) => sizeBytes % 4 == 0
        ? new CryptoStream(base64, new FromBase64Transform(FromBase64TransformMode.DoNotIgnoreWhiteSpaces), CryptoStreamMode.Read)
        : throw new BadHttpRequestException("The content of a file is no whole base64.");
}
