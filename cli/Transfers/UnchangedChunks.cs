using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Which chunks of a kit's file are those of the version that the branch holds, at the same places: the zoo copies them, and nothing need be cut.</summary>
/// <param name="Parts">Neighbours as <see cref="ChunkList"/>s, where each begins. A chunk that differs has a hash that no chunk has.</param>
/// <param name="MovedFrom">From here on everything has moved; null: nothing has.</param>
internal sealed record UnchangedChunks(IReadOnlyList<(long Offset, byte[] Chunks)> Parts, long? MovedFrom)
{
    /// <summary>While less than one byte in so many is different at the end, nothing is cut to look for it.</summary>
    private const int WorthCutting = 32;

    /// <param name="sizeBytes">Of the kit's file.</param>
    public static async Task<UnchangedChunks> OfAsync(SamePlaces places, TreeEntryView held, string path, long sizeBytes, CancellationToken ct)
    {
        var parts = new List<(long, byte[])>();
        using var file = SamePlaces.TryOpen(path);
        var same = 0L;   // where the last chunk ends that is the same
        await foreach (var some in places.ListAsync(held.Path, held.SizeBytes, ct))
        {
            var there = some.TakeWhile(chunk => chunk.Offset + chunk.SizeBytes <= sizeBytes).ToList();
            var found = new bool[there.Count];
            await Parallel.ForAsync(0, there.Count, ct, (i, _) =>
            {
                found[i] = file is not null && SamePlaces.Read(file, there[i], (_, _) => { });
                return ValueTask.CompletedTask;
            });
            var last = Array.LastIndexOf(found, true);
            if (last < 0)
            {
                return new UnchangedChunks(parts, same);
            }
            parts.Add((there[0].Offset, KnownChunks.ListOf([.. there.Select((chunk, i) => found[i] ? chunk : chunk with { Hash = default })])));
            same = there[last].Offset + there[last].SizeBytes;
        }
        return new UnchangedChunks(parts, sizeBytes - same > sizeBytes / WorthCutting ? same : null);
    }
}
