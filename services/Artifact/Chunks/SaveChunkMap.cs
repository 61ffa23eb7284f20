using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>Notes how a blob is cut, so that others find its chunks. Safe to repeat; in the transaction of whoever calls.</summary>
internal sealed class SaveChunkMap(ArtifactDb db)
{
    /// <summary>One chunk in so many is a hook. Xet's clients ask about every 1,024th, which is one of these.</summary>
    public const int HookEvery = 64;

    private const int RunsAtOnce = 64;
    private const int HooksAtOnce = 10_000;

    public async Task RunAsync(BlobHash blob, ChunkMap map, CancellationToken ct)
    {
        var sha256 = blob.Value;
        for (var from = 0; from < map.Runs.Count; from += RunsAtOnce)
        {
            var some = map.Runs.Skip(from).Take(RunsAtOnce).ToList();
            var (numbers, offsets) = (Enumerable.Range(from, some.Count).ToArray(), some.Select(run => run.OffsetBytes).ToArray());
            var (xorbs, chunks) = (some.Select(run => run.Xorb.ToBytes()).ToArray(), some.Select(run => run.Chunks).ToArray());
            await db.Database.ExecuteSqlAsync($"""
                insert into chunk_runs (sha256, run, offset_bytes, xorb, chunks)
                select {sha256}, * from unnest({numbers}, {offsets}, {xorbs}, {chunks}) on conflict do nothing
                """, ct);
        }
        foreach (var some in HooksOf(map).Chunk(HooksAtOnce))
        {
            var (chunks, runs) = (some.Select(hook => hook.Chunk.ToBytes()).ToArray(), some.Select(hook => hook.Run).ToArray());
            await db.Database.ExecuteSqlAsync($"""
                insert into chunk_hooks (chunk, sha256, run) select chunk, {sha256}, run from unnest({chunks}, {runs}) as hook(chunk, run) on conflict do nothing
                """, ct);
        }
        await db.Database.ExecuteSqlAsync($"update blobs set xet_hash = {map.FileHash.ToBytes()} where sha256 = {sha256}", ct);
    }

    public static bool IsHook(XetHash chunk) => chunk.Last % HookEvery == 0;

    private static IEnumerable<(XetHash Chunk, int Run)> HooksOf(ChunkMap map)
    {
        var seen = new HashSet<XetHash>();
        for (var run = 0; run < map.Runs.Count; run++)
        {
            var chunks = new PackedChunks(map.Runs[run].Chunks);
            for (var i = 0; i < chunks.Count; i++)
                if (chunks.HashOf(i) is var hash && (IsHook(hash) || run == 0 && i == 0) && seen.Add(hash)) yield return (hash, run);
        }
    }
}
