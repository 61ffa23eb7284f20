using System.Buffers;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Tells a client that knows one chunk which others lie beside it, so that it need not send them: a shard of runs of blobs that the caller
/// may use, which the client will name as xorbs.</summary>
internal sealed class DescribeChunk(ArtifactDb db, TimeProvider time)
{
    private const int MaxBlobs = 2;
    private const int MaxRuns = 16;
    private static readonly TimeSpan s_life = TimeSpan.FromDays(7);

    /// <returns>Null: to this caller there is no such chunk.</returns>
    public async Task<ArrayBufferWriter<byte>?> RunAsync(Guid repositoryId, Caller caller, XetHash chunk, CancellationToken ct)
    {
        var bytes = chunk.ToBytes();
        var usable = db.UsableBlobs(repositoryId, caller);
        var hooks = await db.ChunkHooks.AsNoTracking().Where(hook => hook.Chunk == bytes && usable.Any(blob => blob.Sha256 == hook.Sha256))
            .OrderBy(hook => hook.Sha256).Take(MaxBlobs).ToListAsync(ct);
        if (hooks.Count == 0) return null;
        var output = new ArrayBufferWriter<byte>();
        var writer = new ShardWriter(output, withFooter: true);
        writer.EndFiles();
        var told = new HashSet<XetHash>();
        foreach (var hook in hooks)
        {
            // The client goes on from here, and asks again only at every 1,024th chunk: it gets what follows, too.
            var runs = await db.ChunkRuns.AsNoTracking().Where(run => run.Sha256 == hook.Sha256 && run.Run >= hook.Run && run.Run < hook.Run + MaxRuns / hooks.Count)
                .OrderBy(run => run.Run).ToListAsync(ct);
            foreach (var run in runs)
                if (XetHash.Read(run.Xorb) is var xorb && told.Add(xorb)) writer.Xorb(new ShardXorb(xorb, List(new PackedChunks(run.Chunks))));
        }
        writer.EndXorbs();
        var now = time.GetUtcNow();
        writer.Footer(now, now + s_life);
        return output;
    }

    private static ShardChunk[] List(PackedChunks chunks) =>
        [.. Enumerable.Range(0, chunks.Count).Select(i => new ShardChunk(chunks.HashOf(i), (uint)chunks.LengthOf(i)))];
}
