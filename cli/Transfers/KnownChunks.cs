using ZooPlatform.Cli.Clients;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Finds out which parts of a file the zoo has already, in this or another file, and has them copied there: only the rest is sent.</summary>
/// <remarks>The file is cut where its content says so (content-defined chunks, about 64 KiB), so an inserted byte moves no other chunk's cut. While the zoo
/// looks for the chunks of one part, the next part is cut. When the first parts have nothing known, the file counts as new.</remarks>
internal sealed class KnownChunks(UploadsClient uploads)
{
    /// <summary>Smaller files are sent as they are.</summary>
    public const long WorthwhileBytes = 1024 * 1024;

    private const int AskedAtOnce = 2;
    private const int ChunksOfPart = 1024;
    private const int FruitlessParts = 2;

    /// <summary>Has the zoo copy what it has at the same places, and looks for what has moved.</summary>
    /// <returns>How many bytes need not be sent.</returns>
    public async Task<long> RunAsync(UploadView upload, HashedFile file, CancellationToken ct)
    {
        if (file.Unchanged is not { } unchanged)
        {
            return await RunAsync(upload, file.File.FullPath, 0, ct);
        }
        var copied = 0L;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(unchanged.Parts, parallel, async (part, ct) =>
            Interlocked.Add(ref copied, await uploads.CopyKnownAsync(upload.Id, part.Offset, part.Chunks, ct)));
        return unchanged.MovedFrom is { } from ? copied + await RunAsync(upload, file.File.FullPath, from, ct) : copied;
    }

    private async Task<long> RunAsync(UploadView upload, string path, long from, CancellationToken ct)
    {
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan) { Position = from };
        var (copied, parts) = (0L, 0);
        var asked = Task.FromResult(0L);
        await foreach (var part in HashedChunks.OfAsync(content, ct).Chunk(ChunksOfPart).WithCancellation(ct))
        {
            copied += await asked;
            if (copied == 0 && parts == FruitlessParts)
            {
                return 0;
            }
            asked = uploads.CopyKnownAsync(upload.Id, from + part[0].Offset, ListOf(part), ct);
            parts++;
        }
        return copied + await asked;
    }

    /// <returns>A <see cref="ChunkList"/>.</returns>
    internal static byte[] ListOf(HashedChunk[] chunks)
    {
        var list = new byte[chunks.Length * ChunkList.EntryBytes];
        for (var i = 0; i < chunks.Length; i++)
        {
            var entry = list.AsSpan(i * ChunkList.EntryBytes, ChunkList.EntryBytes);
            chunks[i].Hash.Write(entry);
            ChunkList.Write(entry, chunks[i].SizeBytes);
        }
        return list;
    }
}
