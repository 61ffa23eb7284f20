using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>Notes that blobs' files are kept and that this caller may commit them to this repository. Safe to repeat.</summary>
internal sealed class StageBlob(ArtifactDb db, KeepQuota quota, JobSignal<MapNewBlobs> mapping, TimeProvider time)
{
    public async Task RunAsync(Guid repositoryId, Caller caller, BlobFacts facts, CancellationToken ct)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        await quota.RunAsync(repositoryId, [(facts.Hash.Value, facts.SizeBytes)], ct);
        await AddAsync(repositoryId, caller, [facts], ct);
        if (transaction is not null) await transaction.CommitAsync(ct);
        mapping.Wake();
    }

    /// <summary>The rows alone, in the transaction of whoever calls, who keeps the quota.</summary>
    public Task AddAsync(Guid repositoryId, Caller caller, IEnumerable<BlobFacts> blobs, CancellationToken ct)
    {
        var distinct = blobs.DistinctBy(blob => blob.Hash).OrderBy(blob => blob.Hash.Value, StringComparer.Ordinal).ToList();   // one order: no deadlock with others who add the same
        var (hashes, sizes) = (distinct.Select(blob => blob.Hash.Value).ToArray(), distinct.Select(blob => blob.SizeBytes).ToArray());
        var (gitIds, plain) = (distinct.Select(blob => blob.GitId).ToArray(), distinct.Select(blob => blob.Plain).ToArray());
        var now = time.GetUtcNow();
        return db.Database.ExecuteSqlAsync($"""
            insert into blobs (sha256, size_bytes, git_id, plain, created_at, kept_at)
            select sha256, size_bytes, git_id, plain, {now}, {now} from unnest({hashes}, {sizes}, {gitIds}, {plain}) as sent(sha256, size_bytes, git_id, plain)
            on conflict (sha256) do update set kept_at = excluded.kept_at, damaged_at = null;
            insert into staged_blobs (repository_id, subject, sha256, staged_at)
            select {repositoryId}, {caller.Subject}, sha256, {now} from unnest({hashes}) as sent(sha256)
            on conflict (repository_id, subject, sha256) do update set staged_at = excluded.staged_at
            """, ct);
    }

    /// <summary>Of blobs that were there, stages those that are there still: what a sweep deletes just now is locked until it is gone, and then missing.</summary>
    public Task<List<string>> LinkAsync(Guid repositoryId, Caller caller, string[] hashes, CancellationToken ct) =>
        db.Database.SqlQuery<string>($"""
            insert into staged_blobs (repository_id, subject, sha256, staged_at)
            select {repositoryId}, {caller.Subject}, sha256, {time.GetUtcNow()} from (select sha256 from blobs where sha256 = any({hashes}) order by sha256 for key share) as linked
            on conflict (repository_id, subject, sha256) do update set staged_at = excluded.staged_at
            returning sha256 as "Value"
            """).ToListAsync(ct);
}

internal static class BlobRows
{
    /// <summary>Notes that a blob's bytes are lost or wrong.</summary>
    /// <returns>False: they came anew since this row was read, or a sweep deleted them.</returns>
    public static async Task<bool> NoteDamagedAsync(this ArtifactDb db, Blob blob, DateTimeOffset now, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"update blobs set damaged_at = {now} where sha256 = {blob.Sha256} and kept_at = {blob.KeptAt}", ct) == 1;

    /// <summary>Notes a blob whose file was kept just now: no sweep that began before takes it, and it is whole again. Safe to repeat.</summary>
    public static Task AddBlobAsync(this ArtifactDb db, BlobFacts facts, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into blobs (sha256, size_bytes, git_id, plain, created_at, kept_at)
            values ({facts.Hash.Value}, {facts.SizeBytes}, {facts.GitId}, {facts.Plain}, {now}, {now})
            on conflict (sha256) do update set kept_at = excluded.kept_at, damaged_at = null
            """, ct);
}
