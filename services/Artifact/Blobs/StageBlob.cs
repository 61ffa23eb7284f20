using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Notes that a blob's file is kept and that this caller may commit it to this repository. Safe to repeat.</summary>
internal sealed class StageBlob(ArtifactDb db, JobSignal<MapNewBlobs> mapping, TimeProvider time)
{
    public async Task RunAsync(Guid repositoryId, Caller caller, BlobFacts facts, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await db.AddBlobAsync(facts, now, ct);
        await db.Database.ExecuteSqlAsync($"""
            insert into staged_blobs (repository_id, subject, sha256, staged_at)
            values ({repositoryId}, {caller.Subject}, {facts.Hash.Value}, {now})
            on conflict (repository_id, subject, sha256) do update set staged_at = excluded.staged_at
            """, ct);
        mapping.Wake();
    }
}

internal static class BlobRows
{
    /// <summary>Notes a blob whose file is kept. Safe to repeat.</summary>
    public static Task AddBlobAsync(this ArtifactDb db, BlobFacts facts, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into blobs (sha256, size_bytes, git_id, plain, created_at)
            values ({facts.Hash.Value}, {facts.SizeBytes}, {facts.GitId}, {facts.Plain}, {now}) on conflict do nothing
            """, ct);
}
