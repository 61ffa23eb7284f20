using System.Buffers;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Cli.Transfers;

/// <summary>How the zoo cut a file of a revision, and whether a file of this machine has the same bytes at the same places: most changes move nothing, and
/// comparing is half the work of cutting.</summary>
internal sealed class SamePlaces(RevisionsClient revisions, RepositoryName repository, string revision)
{
    private const int ChunksAtOnce = 1024;   // about 64 MiB

    /// <summary>The chunks in order, some at once; none when the zoo has not cut it, is of an earlier version, or cannot be reached now.</summary>
    public async IAsyncEnumerable<IReadOnlyList<HashedChunk>> ListAsync(
        string path, long sizeBytes, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        using var answer = await TryAskAsync(path, ct);
        if (answer is null)
        {
            yield break;
        }
        await using var list = new BufferedStream(await answer.Content.ReadAsStreamAsync(ct), 64 * 1024);
        var (one, offset, some) = (new byte[ChunkList.EntryBytes], 0L, new List<HashedChunk>());
        while (await ReadAsync(list, one, ct))
        {
            var size = ChunkList.SizeOf(one);
            if (size is <= 0 or > ChunkList.MaxChunkBytes || offset + size > sizeBytes)
            {
                break;   // no list of this file
            }
            some.Add(new HashedChunk(offset, size, XetHash.Read(one)));
            offset += size;
            if (some.Count == ChunksAtOnce)
            {
                yield return some;
                some = [];
            }
        }
        if (some.Count > 0)
        {
            yield return some;
        }
    }

    /// <summary>Has a file of this machine other bytes than the zoo's? Reads no further than it takes to know.</summary>
    /// <returns>False: nothing says so.</returns>
    public async Task<bool> DiffersAsync(TreeEntryView entry, string path, CancellationToken ct)
    {
        using var file = TryOpen(path);
        if (file is null)
        {
            return false;
        }
        await foreach (var some in ListAsync(entry.Path, entry.SizeBytes, ct))
        {
            foreach (var chunk in some)
            {
                ct.ThrowIfCancellationRequested();
                if (!Read(file, chunk, (_, _) => { }))
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>Null: it cannot be read, or another process writes it.</summary>
    public static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a chunk where the zoo's file has it.</summary>
    /// <param name="use">Gets its bytes when they are the same.</param>
    public static bool Read(SafeFileHandle file, HashedChunk chunk, Action<HashedChunk, ReadOnlySpan<byte>> use)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(chunk.SizeBytes);
        try
        {
            var bytes = buffer.AsSpan(0, chunk.SizeBytes);
            if (!TryRead(file, chunk.Offset, bytes) || XetHash.OfChunk(bytes) != chunk.Hash)
            {
                return false;
            }
            use(chunk, bytes);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>False: the file ends before, or the disk refused.</summary>
    public static bool TryRead(SafeFileHandle file, long offset, Span<byte> bytes)
    {
        try
        {
            for (var read = 0; read < bytes.Length;)
            {
                var some = RandomAccess.Read(file, bytes[read..], offset + read);
                if (some == 0)
                {
                    return false;
                }
                read += some;
            }
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage?> TryAskAsync(string path, CancellationToken ct)
    {
        try
        {
            return await revisions.OpenChunksAsync(repository, revision, path, ct);
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
