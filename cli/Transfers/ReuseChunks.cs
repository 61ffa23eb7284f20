using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Puts those chunks of a file in their places that lie on this machine already, in an older version of it or in another file.</summary>
/// <remarks>Each chunk is hashed again when it is copied; what the zoo says of a file's chunks is believed no further than that, since the whole
/// file's SHA-256 decides.</remarks>
internal sealed class ReuseChunks(SamePlaces places, TransferProgress progress)
{
    /// <summary>While less than one byte in so many is missing, no file is cut to look for it: fetching takes less time.</summary>
    private const int WorthCutting = 32;

    /// <param name="replaced">The file that will be replaced; there may be none.</param>
    /// <param name="local">Where else chunks may be.</param>
    /// <returns>How many bytes need not be fetched.</returns>
    public async Task<long> RunAsync(TreeEntryView entry, ArrivingFile file, string replaced, Func<Task<LocalChunks>> local, CancellationToken ct)
    {
        var reused = 0L;
        // 1. At the same places of the file that is replaced.
        using (var old = SamePlaces.TryOpen(replaced))
        {
            if (old is not null)
            {
                reused += await CopyAsync(entry, file, (chunk, use) => SamePlaces.Read(old, chunk, use), upToFruitless: true, ct);
            }
        }
        // 2. Anywhere.
        if (file.Gaps().Sum(gap => gap.End - gap.Begin) > entry.SizeBytes / WorthCutting)
        {
            var chunks = await local();
            reused += await CopyAsync(entry, file, chunks.Read, upToFruitless: false, ct);
        }
        return reused;
    }

    private async Task<long> CopyAsync(
        TreeEntryView entry, ArrivingFile file, Func<HashedChunk, Action<HashedChunk, ReadOnlySpan<byte>>, bool> read, bool upToFruitless, CancellationToken ct)
    {
        var reused = 0L;
        await foreach (var some in places.ListAsync(entry.Path, entry.SizeBytes, ct))
        {
            var lacking = some.Where(chunk => !file.Holds(chunk.Offset, chunk.Offset + chunk.SizeBytes)).ToList();
            var found = 0L;
            await Parallel.ForAsync(0, lacking.Count, ct, (i, _) =>
            {
                if (read(lacking[i], (chunk, bytes) => file.WriteCopy(bytes, chunk.Offset)))
                {
                    progress.Reused(lacking[i].SizeBytes);
                    Interlocked.Add(ref found, lacking[i].SizeBytes);
                }
                return ValueTask.CompletedTask;
            });
            reused += found;
            if (found > 0)
            {
                file.BeginWriting(some[0].Offset, some[^1].Offset + some[^1].SizeBytes);
            }
            else if (upToFruitless && lacking.Count > 0)
            {
                break;   // from here on everything has moved
            }
        }
        return reused;
    }
}
