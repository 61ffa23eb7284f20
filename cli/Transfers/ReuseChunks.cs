using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Puts those chunks of a file in their places that lie on this machine already, in an older version of it or in another file.</summary>
/// <remarks>Each chunk is hashed again when it is copied; what the zoo says of a file's chunks is believed no further than that, since the whole
/// file's SHA-256 decides.</remarks>
internal sealed class ReuseChunks(RevisionsClient revisions, RepositoryName repository, string revision, TransferProgress progress)
{
    /// <returns>How many bytes need not be fetched.</returns>
    public async Task<long> RunAsync(TreeEntryView entry, ArrivingFile file, LocalChunks local, CancellationToken ct)
    {
        var reused = 0L;
        using var answer = await TryAskAsync(entry, ct);
        if (answer is null)
        {
            return 0;
        }
        await using var list = new BufferedStream(await answer.Content.ReadAsStreamAsync(ct), 64 * 1024);
        var (one, bytes, offset) = (new byte[ChunkList.EntryBytes], new byte[ChunkList.MaxChunkBytes], 0L);
        while (await ReadAsync(list, one, ct))
        {
            var size = ChunkList.SizeOf(one);
            if (size is <= 0 or > ChunkList.MaxChunkBytes || offset + size > entry.SizeBytes)
            {
                break;   // no list of this file
            }
            if (!file.Holds(offset, offset + size) && local.TryRead(XetHash.Read(one), bytes.AsSpan(0, size)))
            {
                await file.WriteAsync(bytes.AsMemory(0, size), offset, ct);
                reused += size;
                progress.Reused(size);
            }
            offset += size;
        }
        return reused;
    }

    /// <summary>Null: a zoo of an earlier version, or one that cannot be reached now. What is not there is fetched.</summary>
    private async Task<HttpResponseMessage?> TryAskAsync(TreeEntryView entry, CancellationToken ct)
    {
        try
        {
            return await revisions.OpenChunksAsync(repository, revision, entry.Path, ct);
        }
        catch (Exception e) when (e is ApiRefusal or ZooUnreachable)
        {
            return null;
        }
    }

    /// <summary>False: the list ends, or the connection was lost.</summary>
    private static async Task<bool> ReadAsync(Stream list, byte[] entry, CancellationToken ct)
    {
        try
        {
            return await list.ReadAtLeastAsync(entry, entry.Length, throwOnEndOfStream: false, ct) == entry.Length;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false;
        }
    }
}
