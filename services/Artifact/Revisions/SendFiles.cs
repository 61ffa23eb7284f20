using System.Buffers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Answers many files of a revision as netstrings, in the order they were asked for: one request where each alone would cost one. Wrong bytes are
/// never answered whole: it breaks off before their end.</summary>
internal sealed class SendFiles(ArtifactDb db, IBlobStore store, Suspects suspects, ILogger<SendFiles> logger)
{
    public const int MaxPaths = 10_000;
    private const int BufferBytes = 256 * 1024;

    public async Task<IResult> RunAsync(Guid repositoryId, string revision, IReadOnlyList<string> paths, HttpResponse response, CancellationToken ct)
    {
        if (paths.Count is 0 or > MaxPaths) return ArtifactProblems.TooManyPaths(paths.Count, MaxPaths);
        if (await db.FindRevisionAsync(repositoryId, revision, ct) is not { } found) return ArtifactProblems.RevisionUnknown(revision);
        var parsed = paths.Select(path => FilePath.TryParse(path, out var filePath, out _) ? filePath : null).ToList();
        var folders = new Folders(db, repositoryId);
        await folders.LoadAlongAsync(found.Tree, parsed.OfType<FilePath>(), ct);
        var files = new List<BlobRef>(paths.Count);
        foreach (var (path, filePath) in paths.Zip(parsed))
        {
            if (filePath is null || await folders.FindAsync(found.Tree, filePath, ct) is not { Kind: not EntryKind.Folder } entry || !BlobHash.TryParse(entry.Sha256, out var hash))
                return ArtifactProblems.FileUnknown(path, revision);
            files.Add(new BlobRef(hash, entry.SizeBytes));
        }
        if (await store.FindLostAsync(files, ct) is [var lost, ..])
        {
            logger.BlobDamaged(lost.Hash.Value, lost.SizeBytes);
            return ArtifactProblems.BlobDamaged(paths[files.IndexOf(lost)]);
        }
        response.ContentType = "application/octet-stream";
        response.ContentLength = files.Sum(file => Netstrings.SizeOf(file.SizeBytes));
        response.Headers["X-Revision"] = found.Id;
        await WriteAsync(files, response, ct);
        return Results.Empty;
    }

    private async Task WriteAsync(List<BlobRef> files, HttpResponse response, CancellationToken ct)
    {
        var body = new BufferedStream(response.Body, BufferBytes);   // not disposed: the stream is the response's
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await foreach (var (blob, content) in store.OpenAllAsync(files, file => file, suspects, ct))
            {
                if (content is null) throw new BlobLostException(blob);   // the answer breaks off
                var size = blob.SizeBytes;
                await body.WriteAsync(Netstrings.Head(size), ct);
                for (var offset = 0L; offset < size;)
                {
                    var some = buffer.AsMemory(0, (int)Math.Min(BufferBytes, size - offset));   // of a small file all: it is checked before any of it is sent
                    await content.ReadExactlyAsync(some, ct);
                    await body.WriteAsync(some, ct);
                    offset += some.Length;
                }
                body.Write(Netstrings.Tail);
                Measures.BlobSent(size);
            }
            await body.FlushAsync(ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
