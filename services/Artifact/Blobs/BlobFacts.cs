using System.Security.Cryptography;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>What a file's bytes tell about the blob they make.</summary>
internal sealed record BlobFacts(BlobHash Hash, long SizeBytes, string GitId, bool Plain)
{
    /// <summary>Above this, git sees an LFS pointer whatever the content is.</summary>
    public const long PlainLimitBytes = 1024 * 1024;

    public BlobRef Ref => new(Hash, SizeBytes);

    public static BlobFacts Of(ReadOnlySpan<byte> content) => Of(BlobHash.Of(SHA256.HashData(content)), content.Length, content);

    /// <summary>Reads what is needed of a file whose hash is known: nothing when it is large.</summary>
    public static BlobFacts Of(SafeFileHandle file, BlobHash hash, long sizeBytes)
    {
        if (sizeBytes > PlainLimitBytes) return Of(hash, sizeBytes, []);   // none of them is looked at
        var content = new byte[sizeBytes];
        for (var read = 0; read < content.Length;)
        {
            var count = RandomAccess.Read(file, content.AsSpan(read), read);
            if (count == 0) throw new EndOfStreamException($"The file of blob {hash} became shorter while it was read.");
            read += count;
        }
        return Of(hash, sizeBytes, content);
    }

    /// <summary>The same of a blob that is kept; null: its bytes are lost.</summary>
    public static async Task<BlobFacts?> OfAsync(IBlobStore store, BlobRef blob, CancellationToken ct)
    {
        if (blob.SizeBytes > PlainLimitBytes) return Of(blob.Hash, blob.SizeBytes, []);
        return await store.ReadAsync(blob, ct) is { } content ? Of(blob.Hash, blob.SizeBytes, content) : null;
    }

    // A pointer's own text is kept as LFS too: git-lfs would take it for a pointer, and then the same tree could mean two things.
    private static BlobFacts Of(BlobHash hash, long sizeBytes, ReadOnlySpan<byte> content)
    {
        var plain = sizeBytes <= PlainLimitBytes && !content.Contains((byte)0) && Utf8.IsValid(content) && !GitIds.LooksLikePointer(content);
        return new BlobFacts(hash, sizeBytes, plain ? GitIds.OfBlob(content) : GitIds.OfPointer(hash.Value, sizeBytes), plain);
    }
}
