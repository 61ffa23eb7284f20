using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Finds what nothing refers to any more, says why and since when, and deletes it after the grace.</summary>
/// <remarks>
/// 1. Mark revisions that no branch, tag or alias reaches, with the time; unmark those reached again.
/// 2. Note what would be released: by revisions marked for longer than the grace, by repositories deleted before, by what was staged before
///    and never committed. A dry run deletes nothing of it; a real one does, each repository under its lock.
/// 3. Of blobs that nothing else holds, whose bytes came before the grace, and that no upload brings: delete the row, then the file
///    (<see cref="IBlobStore.DeleteAsync"/>). Commits and stagings lock the rows of blobs they refer to, so a row that goes is referred to by nobody.
/// Killed anywhere, it leaves rows and files that the next sweep finds again; what is referred to was never touched.
/// </remarks>
internal sealed class SweepGarbage(ArtifactDb db, IBlobStore store, IOptions<StorageOptions> options, TimeProvider time, ILogger<SweepGarbage> logger)
{
    private const long LockKey = 0x7A6F6F10;
    private const int Batch = 100;
    private const int MaxShown = 1000;

    /// <param name="tell">Told now and then how far it is.</param>
    /// <returns>Null: another sweep is running.</returns>
    public async Task<GarbageReport?> RunAsync(bool dryRun, Func<SweepProgress, Task> tell, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);   // the lock and the temporary tables are the connection's
        if (!await db.Database.SqlQuery<bool>($"select pg_try_advisory_lock({LockKey}) as \"Value\"").SingleAsync(ct))
        {
            await db.Database.CloseConnectionAsync();
            return null;
        }
        try
        {
            var now = time.GetUtcNow();
            var before = now - options.Value.Grace;
            await db.Database.ExecuteSqlAsync($"""
                drop table if exists pg_temp.released, pg_temp.garbage;
                create temporary table released (repository_id uuid, sha256 text not null, why text not null, since timestamptz not null);
                create index on released (sha256);
                """, ct);
            await tell(new SweepProgress("looking at revisions"));
            if (!dryRun) await MarkAsync(now, ct);
            var revisions = await ReleaseAsync(dryRun, before, ct);
            await tell(new SweepProgress("looking at blobs"));
            var report = await ReportAsync(dryRun, before, revisions, ct);
            if (!dryRun)
            {
                await tell(new SweepProgress("deleting blobs", report.BlobCount));
                await DeleteBlobsAsync(before, done => tell(new SweepProgress("deleting blobs", report.BlobCount, done)), ct);
                await tell(new SweepProgress("deleting files without rows", report.BlobCount, report.BlobCount));
                await DeleteOrphansAsync(before, ct);
                if (report.BlobCount + report.RevisionCount > 0) logger.GarbageSwept(report.BlobCount, report.SizeBytes, report.RevisionCount);
            }
            return report;
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"drop table if exists pg_temp.released, pg_temp.garbage", CancellationToken.None);
            await db.Database.ExecuteSqlAsync($"select pg_advisory_unlock({LockKey})", CancellationToken.None);
            await db.Database.CloseConnectionAsync();
        }
    }

    // 1
    private Task MarkAsync(DateTimeOffset now, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        with recursive reached as (
            select r.repository_id, r.id, r.parent from refs f join revisions r on r.repository_id = f.repository_id and r.id = f.revision
            union
            select r.repository_id, r.id, r.parent from reached join revisions r on r.repository_id = reached.repository_id and r.id = reached.parent)
        update revisions v set unreachable_since = case when x.reached then null else {now} end
        from (select r.repository_id, r.id, reached.id is not null as reached, r.unreachable_since
              from revisions r left join reached on reached.repository_id = r.repository_id and reached.id = r.id) x
        where v.repository_id = x.repository_id and v.id = x.id and (x.unreachable_since is null) <> x.reached
        """, ct);

    // 2
    private async Task<int> ReleaseAsync(bool dryRun, DateTimeOffset before, CancellationToken ct)
    {
        var marked = await db.Database.SqlQuery<Guid>($"""
            select distinct v.repository_id as "Value" from revisions v join repositories r on r.id = v.repository_id
            where v.unreachable_since < {before} and r.deleted_at is null
            """).ToListAsync(ct);
        var revisions = 0;
        foreach (var repository in marked.Order()) revisions += await ReleaseRevisionsAsync(repository, dryRun, before, ct);

        var deleted = await db.Repositories.Where(row => row.DeletedAt < before && (db.RepositoryBlobs.Any(held => held.RepositoryId == row.Id) || db.Revisions.Any(held => held.RepositoryId == row.Id)))
            .OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(ct);
        foreach (var repository in deleted)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            revisions += await db.Revisions.CountAsync(row => row.RepositoryId == repository, ct);
            await db.Database.ExecuteSqlAsync($"""
                insert into released select h.repository_id, h.sha256, 'its repository was deleted', r.deleted_at
                from repository_blobs h join repositories r on r.id = h.repository_id where r.id = {repository}
                """, ct);
            if (!dryRun) await db.Database.ExecuteSqlAsync($"""
                delete from repository_blobs where repository_id = {repository};
                delete from staged_blobs where repository_id = {repository};
                delete from refs where repository_id = {repository};
                delete from alias_moves where repository_id = {repository};
                delete from trees where repository_id = {repository};
                delete from revisions where repository_id = {repository};
                """, ct);
            await transaction.CommitAsync(ct);
        }

        await db.Database.ExecuteSqlAsync($"""
            insert into released select null, sha256, 'it was sent and never committed', staged_at from staged_blobs where staged_at < {before}
            """, ct);
        if (!dryRun) await db.Database.ExecuteSqlAsync($"delete from staged_blobs where staged_at < {before}", ct);
        return revisions;
    }

    private async Task<int> ReleaseRevisionsAsync(Guid repository, bool dryRun, DateTimeOffset before, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Under the lock no commit, tag or alias comes between; a dry run only reads.
        if (!dryRun && !await db.LockRepositoryAsync(repository, ct)) return 0;
        await db.Database.ExecuteSqlAsync($"""
            drop table if exists pg_temp.doomed, pg_temp.kept_trees;
            create temporary table doomed on commit drop as
            with recursive kept as (
                select id, parent from revisions where repository_id = {repository}
                    and (unreachable_since is null or unreachable_since >= {before} or id in (select revision from refs where repository_id = {repository}))
                union
                select r.id, r.parent from kept join revisions r on r.repository_id = {repository} and r.id = kept.parent)
            select id, unreachable_since from revisions where repository_id = {repository} and id not in (select id from kept);
            create temporary table kept_trees on commit drop as
            with recursive kept as (
                select tree as id from revisions where repository_id = {repository} and id not in (select id from doomed)
                union
                select child.git_id from kept join trees t on t.repository_id = {repository} and t.id = kept.id
                cross join lateral unnest(t.kinds, t.git_ids) as child(kind, git_id) where child.kind = 'folder')
            select id from kept;
            insert into released
            select h.repository_id, h.sha256, 'no branch, tag or alias reaches the revisions that held it', (select max(unreachable_since) from doomed)
            from repository_blobs h where h.repository_id = {repository} and exists (select from doomed) and h.sha256 not in (
                select held.sha256 from trees t join kept_trees using (id) cross join lateral unnest(t.sha256s) as held(sha256) where t.repository_id = {repository});
            """, ct);
        var doomed = await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from doomed").SingleAsync(ct);
        if (!dryRun) await db.Database.ExecuteSqlAsync($"""
            delete from revisions where repository_id = {repository} and id in (select id from doomed);
            delete from trees where repository_id = {repository} and id not in (select id from kept_trees);
            delete from repository_blobs h using released x where h.repository_id = {repository} and x.repository_id = h.repository_id and x.sha256 = h.sha256;
            """, ct);
        await transaction.CommitAsync(ct);
        return doomed;
    }

    private async Task<GarbageReport> ReportAsync(bool dryRun, DateTimeOffset before, int revisions, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"""
            analyze released;
            create temporary table garbage as
            select b.sha256, b.size_bytes, coalesce(reason.why, 'nothing refers to it') as why, coalesce(reason.since, b.kept_at) as since
            from blobs b left join lateral (select why, since from released x where x.sha256 = b.sha256 order by since desc limit 1) reason on true
            where b.kept_at < {before}
                and not exists (select from repository_blobs h where h.sha256 = b.sha256
                    and not exists (select from released x where x.sha256 = h.sha256 and x.repository_id = h.repository_id))
                and not exists (select from staged_blobs s where s.sha256 = b.sha256 and s.staged_at >= {before})
                and not exists (select from uploads u where u.sha256 = b.sha256 and u.state <> 'complete')
            """, ct);
        var sums = (await db.Database.SqlQuery<GarbageSum>($"select count(*)::int as \"Count\", coalesce(sum(size_bytes), 0)::bigint as \"Bytes\" from garbage").ToListAsync(ct)).Single();
        var shown = await db.Database.SqlQuery<GarbageRow>(
            $"select sha256 as \"Sha256\", size_bytes as \"SizeBytes\", why as \"Why\", since as \"Since\" from garbage order by size_bytes desc, sha256 limit {MaxShown}").ToListAsync(ct);
        return new GarbageReport(dryRun, before, revisions, sums.Count, sums.Bytes, [.. shown.Select(row => new GarbageBlob(row.Sha256, row.SizeBytes, row.Why, row.Since))]);
    }

    // 3
    private async Task DeleteBlobsAsync(DateTimeOffset before, Func<int, Task> tell, CancellationToken ct)
    {
        for (var (last, done) = ("", 0); ;)
        {
            var batch = await db.Database.SqlQuery<string>($"select sha256 as \"Value\" from garbage where sha256 > {last} order by sha256 limit {Batch}").ToListAsync(ct);
            if (batch.Count == 0) return;
            try
            {
                await DeleteBlobsAsync([.. batch], before, ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                // Something that this sweep does not know refers to one of them: it keeps the whole batch.
                logger.GarbageReferred(batch[0], e.ConstraintName ?? "");
            }
            last = batch[^1];
            await tell(done += batch.Count);
        }
    }

    private Task DeleteBlobsAsync(string[] batch, DateTimeOffset before, CancellationToken ct) => store.DeleteAsync(Parse(batch), async () =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Whoever refers to a row holds its lock until that can be seen: rows in use are left to the next sweep.
        var locked = (await db.Database.SqlQuery<string>(
            $"select sha256 as \"Value\" from blobs where sha256 = any({batch}) order by sha256 for update skip locked").ToListAsync(ct)).ToArray();
        var gone = await db.Database.SqlQuery<string>($"""
            delete from blobs b where b.sha256 = any({locked}) and b.kept_at < {before}
                and not exists (select from repository_blobs h where h.sha256 = b.sha256)
                and not exists (select from staged_blobs s where s.sha256 = b.sha256)
                and not exists (select from uploads u where u.sha256 = b.sha256 and u.state <> 'complete')
            returning b.sha256 as "Value"
            """).ToListAsync(ct);
        await transaction.CommitAsync(ct);
        Failpoint.Reach("sweep.rows-gone");
        return Parse(gone);
    }, NamedAsync, ct);

    /// <summary>Bytes that no row names: a crash came between the two. Never young ones, whose row may be on its way.</summary>
    private Task DeleteOrphansAsync(DateTimeOffset before, CancellationToken ct)
    {
        var hourAgo = time.GetUtcNow().AddHours(-1);
        return store.DeleteOrphansAsync(before < hourAgo ? before : hourAgo, NamedAsync, ct);
    }

    private async Task<IReadOnlySet<BlobHash>> NamedAsync(IReadOnlyCollection<BlobHash> blobs)
    {
        var hashes = blobs.Select(blob => blob.Value).ToArray();
        return Parse(await db.Database.SqlQuery<string>($"""
            select sha256 as "Value" from blobs where sha256 = any({hashes}) union select sha256 from uploads where sha256 = any({hashes}) and state <> 'complete'
            """).ToListAsync(CancellationToken.None)).ToHashSet();
    }

    private static List<BlobHash> Parse(IEnumerable<string> hashes) =>
        [.. hashes.Select(sha256 => BlobHash.TryParse(sha256, out var hash) ? hash : null).OfType<BlobHash>()];

    private sealed record GarbageSum(int Count, long Bytes);

    private sealed record GarbageRow(string Sha256, long SizeBytes, string Why, DateTimeOffset Since);
}
