using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Deletes xorbs that no shard used for as long as an upload may be idle, and what is known of xorbs that nothing holds.</summary>
internal sealed class DeleteIdleXorbs(ArtifactDb db, Spool spool, TimeProvider time, IOptions<ArtifactOptions> options, ILogger<DeleteIdleXorbs> logger)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - options.Value.UploadIdleTimeout;
        var idle = await db.Database.SqlQuery<Guid>($"""delete from xorb_uploads where received_at < {before} returning file as "Value" """).ToListAsync(ct);
        foreach (var file in idle) File.Delete(spool.XorbOf(file));
        await db.Database.ExecuteSqlAsync($"""
            delete from xorbs where not exists (select from xorb_uploads where xorb = xorbs.hash) and not exists (select from xorb_runs where xorb = xorbs.hash)
            """, ct);
        if (idle.Count > 0) logger.IdleXorbsDeleted(idle.Count);
    }
}
