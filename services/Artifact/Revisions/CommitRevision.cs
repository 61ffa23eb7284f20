using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>A commit whose every part was parsed.</summary>
/// <param name="ExpectedParent">Null: the branch is new.</param>
internal sealed record Commit(RefName Branch, string? ExpectedParent, string Message, IReadOnlyList<CommitChange> Changes);

/// <param name="Hash">Null: the file is deleted.</param>
internal sealed record CommitChange(FilePath Path, BlobHash? Hash, bool Executable);

internal abstract record CommitOutcome
{
    internal sealed record Committed(Revision Revision) : CommitOutcome;

    /// <summary>The commit would change nothing; this is the head.</summary>
    internal sealed record Unchanged(Revision Head) : CommitOutcome;

    /// <param name="Head">Null: the branch does not exist.</param>
    internal sealed record HeadMoved(string? Head) : CommitOutcome;

    internal sealed record NotABranch : CommitOutcome;

    internal sealed record BlobsMissing(IReadOnlyList<string> Hashes) : CommitOutcome;

    internal sealed record PathRefused(FilePath Path, string Refusal) : CommitOutcome;

    internal sealed record TooManyFiles(int Count) : CommitOutcome;

    internal sealed record RepositoryGone : CommitOutcome;
}

/// <summary>Makes a revision.</summary>
/// <remarks>
/// 1. Compare the branch's head with the expected parent, early.
/// 2. Find every blob among what the repository holds and what the caller staged for it.
/// 3. Apply deletions, then puts, to the parent's snapshot; settle what git-lfs keeps.
/// 4. In one transaction: lock the repository, compare the head again, write folders, revision, branch and change.
/// Blobs were made durable before they could be staged, so what step 4 acknowledges is whole.
/// </remarks>
internal sealed class CommitRevision(ArtifactDb db, IBlobStore store, SettleLfs lfs, KeepQuota quota, TimeProvider time, IOptions<ArtifactOptions> options)
{
    public async Task<CommitOutcome> RunAsync(Guid repositoryId, Commit commit, Caller caller, CancellationToken ct)
    {
        // 1
        if (await CompareHeadAsync(repositoryId, commit, ct) is { } early) return early;
        var parent = commit.ExpectedParent is null ? null
            : await db.Revisions.AsNoTracking().SingleAsync(revision => revision.RepositoryId == repositoryId && revision.Id == commit.ExpectedParent, ct);
        // 2
        var asked = commit.Changes.Where(change => change.Hash is not null).Select(change => change.Hash!.Value).Distinct().ToArray();
        var blobs = await FindBlobsAsync(repositoryId, caller, asked, ct);
        if (asked.Where(hash => !blobs.ContainsKey(hash)).ToList() is { Count: > 0 } missing) return new CommitOutcome.BlobsMissing(missing);
        // 3
        var known = new Folders(db, repositoryId);
        if (parent is not null) await known.LoadAlongAsync(parent.Tree, commit.Changes.Select(change => change.Path), ct);
        var snapshot = await Snapshot.OpenAsync(known.GetAsync, parent?.Tree, ct);
        if (await ApplyAsync(snapshot, commit.Changes, blobs, ct) is { } refused) return refused;
        var (attributes, refusal) = await lfs.RunAsync(snapshot, commit.Changes, () => parent is null ? Task.CompletedTask : known.LoadAllAsync(parent.Tree, ct), ct);
        if (refusal is not null) return refusal;
        var (root, folders) = snapshot.Seal();
        if (root.GitId == parent?.Tree) return new CommitOutcome.Unchanged(parent);
        if (root.FileCount > options.Value.MaxFilesPerRevision) return new CommitOutcome.TooManyFiles(root.FileCount);
        // 4
        var revision = Describe(repositoryId, commit, caller, root);
        return await WriteAsync(revision, commit, folders, [.. asked, .. attributes], ct);
    }

    private async Task<CommitOutcome?> CompareHeadAsync(Guid repositoryId, Commit commit, CancellationToken ct)
    {
        var branch = commit.Branch.Value;
        var head = await db.Refs.AsNoTracking().SingleOrDefaultAsync(found => found.RepositoryId == repositoryId && found.Name == branch, ct);
        if (head is { Kind: not RefKind.Branch }) return new CommitOutcome.NotABranch();
        return head?.Revision == commit.ExpectedParent ? null : new CommitOutcome.HeadMoved(head?.Revision);
    }

    private async Task<Dictionary<string, Blob>> FindBlobsAsync(Guid repositoryId, Caller caller, string[] asked, CancellationToken ct)
    {
        var subject = caller.Subject;
        var found = await db.Blobs.AsNoTracking().Where(blob => asked.Contains(blob.Sha256))
            .Where(blob => db.RepositoryBlobs.Any(held => held.RepositoryId == repositoryId && held.Sha256 == blob.Sha256)
                || db.StagedBlobs.Any(staged => staged.RepositoryId == repositoryId && staged.Subject == subject && staged.Sha256 == blob.Sha256))
            .ToListAsync(ct);
        // A file that was lost at rest counts as missing: sending it again mends it.
        var blobs = found.ToDictionary(blob => blob.Sha256, StringComparer.Ordinal);
        foreach (var lost in await store.FindLostAsync([.. found.Select(blob => blob.Ref)], ct)) blobs.Remove(lost.Hash.Value);
        return blobs;
    }

    private static async Task<CommitOutcome?> ApplyAsync(
        Snapshot snapshot, IReadOnlyList<CommitChange> changes, Dictionary<string, Blob> blobs, CancellationToken ct)
    {
        foreach (var change in changes.Where(change => change.Hash is null))
            if (!await snapshot.DeleteAsync(change.Path, ct)) return new CommitOutcome.PathRefused(change.Path, "is no file in the parent, so it cannot be deleted");
        foreach (var change in changes)
        {
            if (change.Hash is null) continue;
            var blob = blobs[change.Hash.Value];
            var entry = new TreeEntry(change.Path.Segments[^1], change.Executable ? EntryKind.Executable : EntryKind.File, !blob.Plain, blob.GitId,
                blob.Sha256, blob.SizeBytes, 1);
            if (await snapshot.PutAsync(change.Path, entry, ct) is { } refusal) return new CommitOutcome.PathRefused(change.Path, refusal);
        }
        return null;
    }

    private Revision Describe(Guid repositoryId, Commit commit, Caller caller, TreeEntry root)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var author = caller.ActorId ?? throw new InvalidOperationException("Only people and service accounts commit; the route's policy lets in nobody else.");
        var text = new CommitText(root.GitId, commit.ExpectedParent, CommitText.AuthorOf(caller.Name, author), now, commit.Message);
        return new Revision
        {
            RepositoryId = repositoryId, Id = GitIds.OfCommit(text), Parent = commit.ExpectedParent, Tree = root.GitId, Message = commit.Message,
            Author = caller.Name, AuthorId = author, CreatedAt = now, FileCount = root.FileCount, SizeBytes = root.SizeBytes,
        };
    }

    private async Task<CommitOutcome> WriteAsync(
        Revision revision, Commit commit, IReadOnlyList<(string Id, IReadOnlyList<TreeEntry> Entries)> folders, string[] blobs, CancellationToken ct)
    {
        var repositoryId = revision.RepositoryId;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(repositoryId, ct)) return new CommitOutcome.RepositoryGone();
        if (await CompareHeadAsync(repositoryId, commit, ct) is { } late) return late;
        Failpoint.Reach("commit.begun");

        // A sweep that came between deletes only what nobody holds; what it deleted has to be sent again. From here on it takes none of these.
        var there = await db.Database.SqlQuery<string>($"select sha256 as \"Value\" from blobs where sha256 = any({blobs}) order by sha256 for key share").ToListAsync(ct);
        if (blobs.Except(there, StringComparer.Ordinal).ToList() is { Count: > 0 } swept) return new CommitOutcome.BlobsMissing(swept);
        await quota.RunAsync(repositoryId, blobs, ct);
        await AddFoldersAsync(repositoryId, folders, ct);
        // The same text twice in one second (the branch was moved back between) is the same revision.
        if (await db.Revisions.AsNoTracking().SingleOrDefaultAsync(known => known.RepositoryId == repositoryId && known.Id == revision.Id, ct) is { } same)
        {
            revision.Number = same.Number;
        }
        else
        {
            revision.Number = await db.NextNumberAsync(repositoryId, ct);
            db.Revisions.Add(revision);
        }
        await db.SaveChangesAsync(ct);
        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"""
            insert into refs (repository_id, name, kind, revision, updated_at) values ({repositoryId}, {commit.Branch.Value}, 'branch', {revision.Id}, {now})
            on conflict (repository_id, name) do update set revision = excluded.revision, updated_at = excluded.updated_at;
            insert into repository_blobs (repository_id, sha256) select {repositoryId}, sha256 from unnest({blobs}) as held(sha256) on conflict do nothing;
            update repositories set updated_at = {now} where id = {repositoryId}
            """, ct);
        await db.Database.TouchAsync(repositoryId, Repository.Kind, deleted: false, ct);
        Failpoint.Reach("commit.written");
        await transaction.CommitAsync(ct);
        Failpoint.Reach("commit.done");
        return new CommitOutcome.Committed(revision);
    }

    private async Task AddFoldersAsync(Guid repositoryId, IReadOnlyList<(string Id, IReadOnlyList<TreeEntry> Entries)> folders, CancellationToken ct)
    {
        var ids = folders.Select(folder => folder.Id).ToArray();
        var known = await db.Trees.Where(tree => tree.RepositoryId == repositoryId && ids.Contains(tree.Id)).Select(tree => tree.Id).ToListAsync(ct);
        db.Trees.AddRange(folders.DistinctBy(folder => folder.Id).Where(folder => !known.Contains(folder.Id))
            .Select(folder => Tree.Of(repositoryId, folder.Id, folder.Entries)));
    }
}
