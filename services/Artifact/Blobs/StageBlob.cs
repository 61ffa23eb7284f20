using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Notes that a blob's file is kept and that this caller may commit it to this repository. Safe to repeat.</summary>
internal sealed class StageBlob(ArtifactDb db, KeepQuota quota, JobSignal<MapNewBlobs> mapping, TimeProvider time)
{
    public async Task RunAsync(Guid repositoryId, Caller caller, BlobFacts facts, CancellationToken ct)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        await quota.RunAsync(repositoryId, [(facts.Hash.Value, facts.SizeBytes)], ct);
        var now = time.GetUtcNow();
        await db.AddBlobAsync(facts, now, ct);
        await db.Database.ExecuteSqlAsync($"""
            insert into staged_blobs (repository_id, subject, sha256, staged_at)
            values ({repositoryId}, {caller.Subject}, {facts.Hash.Value}, {now})
            on conflict (repository_id, subject, sha256) do update set staged_at = excluded.staged_at
            """, ct);
        if (transaction is not null) await transaction.CommitAsync(ct);
        mapping.Wake();
    }
}

internal static class BlobRows
{
    /// <summary>Notes a blob whose file was kept just now: no sweep that began before takes it, and it is whole again. Safe to repeat.</summary>
    public static Task AddBlobAsync(this ArtifactDb db, BlobFacts facts, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into blobs (sha256, size_bytes, git_id, plain, created_at, kept_at)
            values ({facts.Hash.Value}, {facts.SizeBytes}, {facts.GitId}, {facts.Plain}, {now}, {now})
            on conflict (sha256) do update set kept_at = excluded.kept_at, damaged_at = null
            """, ct);
}
