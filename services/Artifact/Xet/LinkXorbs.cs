using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Keeps xorbs known by the runs of blobs that now hold their chunks, and forgets the files in which they came.</summary>
internal sealed class LinkXorbs(ArtifactDb db, FindXorb xorbs, Spool spool)
{
    private const int LinksAtOnce = 10_000;

    /// <summary>Notes of each xorb that the files name in which runs the named chunks are. The files' maps are noted.</summary>
    public async Task RunAsync(Guid repositoryId, Caller caller, IReadOnlyList<CheckedFile> files, CancellationToken ct)
    {
        foreach (var hash in XorbsOf(files).OrderBy(hash => hash.ToString(), StringComparer.Ordinal))   // two shards lock them in the same order
            if (await xorbs.RunAsync(repositoryId, caller, hash, ct) is { } xorb) await db.AddXorbAsync(hash, xorb.Packed, ct);
        foreach (var file in files.Where(file => file.Complete && file.SizeBytes > 0))
        {
            var sha256 = file.Sha256.Value;
            var starts = await db.ChunkRuns.Where(run => run.Sha256 == sha256).OrderBy(run => run.Run).Select(run => run.OffsetBytes).ToListAsync(ct);
            foreach (var some in LinksOf(file.File, starts).Distinct().Chunk(LinksAtOnce))
            {
                var (hashes, runs) = (some.Select(one => one.Xorb.ToBytes()).ToArray(), some.Select(one => one.Run).ToArray());
                await db.Database.ExecuteSqlAsync($"""
                    insert into xorb_runs (xorb, sha256, run) select xorb, {sha256}, run from unnest({hashes}, {runs}) as held(xorb, run) on conflict do nothing
                    """, ct);
            }
        }
    }

    /// <summary>Forgets what the caller sent and can now be read from blobs, every chunk of it. What these files took whole, but cut in another way
    /// than blobs are mapped (npm's client ends some chunks 64 bytes before the smallest size), stays for its day, since the client may name
    /// it again; its bytes count as the files' alone.</summary>
    /// <returns>Files to delete once that is committed.</returns>
    public async Task<IReadOnlyList<string>> ForgetUsedAsync(Guid repositoryId, Caller caller, IReadOnlyList<CheckedFile> files, CancellationToken ct)
    {
        var (subject, used) = (caller.Subject, new List<string>());
        foreach (var hash in XorbsOf(files))
        {
            var xorb = hash.ToBytes();
            var sent = await db.XorbUploads.AsNoTracking().SingleOrDefaultAsync(row => row.RepositoryId == repositoryId && row.Subject == subject && row.Xorb == xorb, ct);
            if (sent is null) continue;
            var row = db.XorbUploads.Where(row => row.RepositoryId == repositoryId && row.Subject == subject && row.Xorb == xorb && row.File == sent.File);
            if (await xorbs.InBlobsAsync(repositoryId, caller, hash, ct) is { } there && !there.Places.Contains(null))
            {
                await row.ExecuteDeleteAsync(ct);
                used.Add(spool.XorbOf(sent.File));
            }
            else if (await xorbs.RunAsync(repositoryId, caller, hash, ct) is { } whole && TakeAll(files, hash, whole.Chunks.Count))
            {
                await row.ExecuteUpdateAsync(one => one.SetProperty(waiting => waiting.SizeBytes, 0), ct);
            }
        }
        return used;
    }

    /// <summary>Do these files together hold every chunk of the xorb?</summary>
    private static bool TakeAll(IReadOnlyList<CheckedFile> files, XetHash xorb, int chunks)
    {
        var next = 0;
        foreach (var term in files.Where(file => file.Complete).SelectMany(file => file.File.Terms).Where(term => term.Xorb == xorb).OrderBy(term => term.First))
            if (term.First <= next) next = Math.Max(next, (int)term.End);
        return next == chunks;
    }

    /// <summary>Those whose chunks the files are made of.</summary>
    public static IEnumerable<XetHash> XorbsOf(IReadOnlyList<CheckedFile> files) =>
        files.Where(file => file.Complete).SelectMany(file => file.File.Terms).Select(term => term.Xorb).Distinct();

    /// <param name="starts">Where the blob's runs begin.</param>
    private static IEnumerable<(XetHash Xorb, int Run)> LinksOf(ShardFile file, IReadOnlyList<long> starts)
    {
        var (at, run) = (0L, 0);
        foreach (var term in file.Terms)
        {
            var end = at + term.SizeBytes;
            while (run + 1 < starts.Count && starts[run + 1] <= at) run++;
            for (var touched = run; touched < starts.Count && starts[touched] < end; touched++) yield return (term.Xorb, touched);
            at = end;
        }
    }
}
