using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <param name="SizeBytes">What the terms give together.</param>
/// <param name="Known">The caller may use a blob with these very bytes: nothing has to be written. Null: there is none.</param>
/// <param name="Complete">All its terms can be read. Only a known file may do without.</param>
internal sealed record CheckedFile(ShardFile File, BlobHash Sha256, long SizeBytes, Blob? Known, bool Complete);

/// <summary>Checks everything that a shard says, before a byte is written.</summary>
/// <remarks>
/// Of each file: 1. it has a SHA-256, and every term a verification hash; 2. the terms' xorbs are there for the caller, hold the chunks
/// named, of as many bytes; 3. the verification hashes and the file's hash follow from the chunks. Of each xorb it lists: 4. it is there
/// for the caller, and the list is true.
/// </remarks>
internal sealed class CheckShard(ArtifactDb db, IBlobStore store, FindXorb xorbs, IOptions<ArtifactOptions> options)
{
    private const int MaxFiles = 20_000;

    /// <summary>Of all terms together, a terabyte's worth: a few bytes of shard can name many, and each is looked at.</summary>
    private const long MaxChunks = 16_000_000;

    private long _chunks;

    /// <exception cref="InvalidDataException">Something is not so; the message says what, to a person.</exception>
    public async Task<IReadOnlyList<CheckedFile>> RunAsync(Guid repositoryId, Caller caller, Stream body, CancellationToken ct)
    {
        using var reader = new ShardReader(body);
        var files = await reader.ReadFilesAsync(ct);
        if (files.Count > MaxFiles) throw new InvalidDataException($"The shard names {files.Count} files; this zoo takes {MaxFiles} at once.");
        while (await reader.NextXorbAsync(ct) is { } listed) await CheckListAsync(repositoryId, caller, listed, ct);   // 4
        var good = new List<CheckedFile>(files.Count);
        foreach (var file in files.DistinctBy(file => (file.Hash, file.Sha256))) good.Add(await CheckFileAsync(repositoryId, caller, file, ct));
        return good;
    }

    private async Task<CheckedFile> CheckFileAsync(Guid repositoryId, Caller caller, ShardFile file, CancellationToken ct)
    {
        // 1
        if (!BlobHash.TryParse(file.Sha256, out var sha256)) throw new InvalidDataException($"The file {file.Hash} has no SHA-256 in the shard.");
        if (file.Terms.Any(term => term.Verification is null)) throw new InvalidDataException($"The file {file.Hash} has no verification hashes in the shard.");
        var known = await KnownAsync(repositoryId, caller, file, sha256, ct);
        var tree = new XetTree();
        foreach (var term in file.Terms)
        {
            // 2
            if (await xorbs.RunAsync(repositoryId, caller, term.Xorb, ct) is not { } xorb)
            {
                // What a client remembers of weeks ago may be gone; the file itself is there.
                if (known is not null) return new CheckedFile(file, sha256, known.SizeBytes, known, Complete: false);
                throw new InvalidDataException($"The file {file.Hash} is made of the xorb {term.Xorb}, which is not there. Upload it first; if the client says that it did, clear its cache (HF_XET_CACHE).");
            }
            CheckTerm(file, term, xorb, tree);
            if (tree.SizeBytes > options.Value.MaxBlobBytes) throw new InvalidDataException($"The file {file.Hash} is larger than {options.Value.MaxBlobBytes} bytes, which this zoo takes.");
        }
        var size = tree.SizeBytes;
        return tree.EndFile() == file.Hash ? new CheckedFile(file, sha256, size, known, Complete: true)
            : throw new InvalidDataException($"The chunks of the file {file.Hash} make another file.");
    }

    private void CheckTerm(ShardFile file, ShardTerm term, UsableXorb xorb, XetTree tree)
    {
        var chunks = xorb.Chunks;
        if (term.First >= term.End || term.End > chunks.Count) throw new InvalidDataException($"The file {file.Hash} takes chunks {term.First} to {term.End} of a xorb of {chunks.Count}.");
        if ((_chunks += term.End - term.First) > MaxChunks) throw new InvalidDataException($"The shard names more than {MaxChunks} chunks. Commit fewer files at once.");
        var (size, hashes) = (0L, new byte[(term.End - term.First) * XetHash.Bytes]);
        for (var i = (int)term.First; i < term.End; i++)
        {
            if (!xorb.Has(i)) throw new InvalidDataException($"Chunk {i} of the xorb {xorb.Hash} is not there any more. Clear the client's cache (HF_XET_CACHE) and upload again.");
            var hash = chunks.HashOf(i);
            hash.Write(hashes.AsSpan((i - (int)term.First) * XetHash.Bytes));
            tree.Add(hash, chunks.LengthOf(i));
            size += chunks.LengthOf(i);
        }
        if (size != term.SizeBytes) throw new InvalidDataException($"A term of the file {file.Hash} claims {term.SizeBytes} bytes and has {size}.");
        // 3
        if (XetHash.OfVerification(hashes) != term.Verification) throw new InvalidDataException($"A term of the file {file.Hash} has a wrong verification hash.");
    }

    private async Task CheckListAsync(Guid repositoryId, Caller caller, ShardXorb listed, CancellationToken ct)
    {
        if (await xorbs.RunAsync(repositoryId, caller, listed.Hash, ct) is not { } xorb) throw new InvalidDataException($"The shard lists the xorb {listed.Hash}, which is not there. Upload it first.");
        var chunks = xorb.Chunks;
        var same = listed.Chunks.Count == chunks.Count;
        for (var i = 0; same && i < chunks.Count; i++) same = listed.Chunks[i] == new ShardChunk(chunks.HashOf(i), (uint)chunks.LengthOf(i));
        if (!same) throw new InvalidDataException($"The shard lists other chunks of the xorb {listed.Hash} than it has.");
    }

    private async Task<Blob?> KnownAsync(Guid repositoryId, Caller caller, ShardFile file, BlobHash sha256, CancellationToken ct)
    {
        var (value, hash) = (sha256.Value, file.Hash.ToBytes());
        var blob = await db.UsableBlobs(repositoryId, caller).AsNoTracking().SingleOrDefaultAsync(blob => blob.Sha256 == value && blob.XetHash == hash, ct);
        return blob is not null && await store.HoldsAsync(sha256, blob.SizeBytes, ct) ? blob : null;
    }
}
