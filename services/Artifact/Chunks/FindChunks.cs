using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>A chunk of a caller's file.</summary>
internal readonly record struct ChunkRef(XetHash Hash, int SizeBytes);

/// <summary>Where the bytes of a chunk begin.</summary>
internal sealed record ChunkPlace(BlobHash Blob, long OffsetBytes);

/// <summary>Says where the chunks of a caller's file are already, among what the caller may read.</summary>
/// <remarks>
/// 1. The hooks among the chunks, and the blobs that hold most of them and that the caller may use: what others keep private is as
///    if it were not there.
/// 2. Of these the few that together hold most hooks.
/// 3. Their runs around the hooks, in which the chunks between the hooks are.
/// A chunk may be there and not be found; one that is found is there. Bounded: at most <see cref="MaxRuns"/> runs are read.
/// </remarks>
internal sealed class FindChunks(ArtifactDb db)
{
    /// <summary>About 1 GiB of file. Ask in as many calls as it takes, each for neighbours.</summary>
    public const int MaxAsked = 16_384;

    private const int MaxCandidates = 64;
    private const int MaxBlobs = 16;
    private const int MaxRuns = 128;

    /// <param name="repositoryId">What the caller staged for it is theirs to use, too.</param>
    /// <param name="chunks">In the file's order, at most <see cref="MaxAsked"/>.</param>
    /// <returns>For each chunk its place; null: not found.</returns>
    public async Task<IReadOnlyList<ChunkPlace?>> RunAsync(Guid repositoryId, Caller caller, IReadOnlyList<ChunkRef> chunks, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunks.Count, MaxAsked);
        var places = new Dictionary<XetHash, ChunkPlace>();
        var asked = chunks.Select(chunk => chunk.Hash).ToHashSet();
        foreach (var run in await RunsAsync(repositoryId, caller, chunks, ct))
            if (BlobHash.TryParse(run.Sha256, out var blob)) Collect(run, blob, asked, places);
        return [.. chunks.Select(chunk => places.GetValueOrDefault(chunk.Hash))];
    }

    private async Task<IReadOnlyList<ChunkRun>> RunsAsync(Guid repositoryId, Caller caller, IReadOnlyList<ChunkRef> chunks, CancellationToken ct)
    {
        // 1
        var hooks = chunks.Where((chunk, i) => i == 0 || SaveChunkMap.IsHook(chunk.Hash)).Select(chunk => chunk.Hash).Distinct().Select(hash => hash.ToBytes()).ToArray();
        if (hooks.Length == 0) return [];
        var usable = db.UsableBlobs(repositoryId, caller);
        var candidates = await db.ChunkHooks.Where(hook => hooks.Contains(hook.Chunk))
            .GroupBy(hook => hook.Sha256).Select(hits => new { Sha256 = hits.Key, Count = hits.Count() })
            .Where(hits => usable.Any(blob => blob.Sha256 == hits.Sha256))
            .OrderByDescending(hits => hits.Count).ThenBy(hits => hits.Sha256).Take(MaxCandidates).Select(hits => hits.Sha256).ToArrayAsync(ct);
        if (candidates.Length == 0) return [];
        var found = await db.ChunkHooks.AsNoTracking().Where(hook => hooks.Contains(hook.Chunk) && candidates.Contains(hook.Sha256)).ToListAsync(ct);
        // 2
        var wanted = Choose(found.GroupBy(hook => hook.Sha256).ToDictionary(hits => hits.Key, hits => hits.ToList(), StringComparer.Ordinal))
            .Distinct().Take(MaxRuns).ToList();
        // 3
        var (blobs, runs) = (wanted.Select(run => run.Sha256).ToArray(), wanted.Select(run => run.Run).ToArray());
        var read = await db.ChunkRuns.FromSql($"""
            select found.* from chunk_runs found join unnest({blobs}, {runs}) as wanted(sha256, run) on found.sha256 = wanted.sha256 and found.run = wanted.run
            """).AsNoTracking().ToListAsync(ct);
        // Of the blob that holds most comes first: neighbours are found in one place.
        var order = blobs.Distinct().Select((sha256, i) => (sha256, i)).ToDictionary(pair => pair.sha256, pair => pair.i, StringComparer.Ordinal);
        return [.. read.OrderBy(run => order[run.Sha256]).ThenBy(run => run.Run)];
    }

    /// <summary>Blob by blob, each the one with most hooks that those before did not hold: the runs of these hooks, and those beside them.</summary>
    private static IEnumerable<(string Sha256, int Run)> Choose(Dictionary<string, List<ChunkHook>> hits)
    {
        var covered = new HashSet<XetHash>();
        for (var chosen = 0; chosen < MaxBlobs && hits.Count > 0; chosen++)
        {
            var (best, news) = hits.Select(blob => (blob.Key, News: blob.Value.Where(hook => !covered.Contains(XetHash.Read(hook.Chunk))).ToList()))
                .OrderByDescending(blob => blob.News.Count).ThenBy(blob => blob.Key, StringComparer.Ordinal).First();
            if (news.Count == 0) yield break;
            hits.Remove(best);
            foreach (var hook in news)
            {
                covered.Add(XetHash.Read(hook.Chunk));
                yield return (best, hook.Run);
            }
            foreach (var hook in news)
            {
                yield return (best, hook.Run - 1);
                yield return (best, hook.Run + 1);
            }
        }
    }

    private static void Collect(ChunkRun run, BlobHash blob, HashSet<XetHash> asked, Dictionary<XetHash, ChunkPlace> places)
    {
        var (chunks, offset) = (new PackedChunks(run.Chunks), run.OffsetBytes);
        for (var i = 0; i < chunks.Count; i++)
        {
            var hash = chunks.HashOf(i);
            if (asked.Contains(hash)) places.TryAdd(hash, new ChunkPlace(blob, offset));
            offset += chunks.LengthOf(i);
        }
    }
}
