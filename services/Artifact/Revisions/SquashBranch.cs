using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Revisions;

internal abstract record SquashOutcome
{
    internal sealed record Squashed(Revision Revision) : SquashOutcome;

    internal sealed record NoSuchBranch : SquashOutcome;

    /// <param name="Revision">Where the branch points.</param>
    internal sealed record Moved(string Revision) : SquashOutcome;

    internal sealed record NoAncestor : SquashOutcome;

    internal sealed record RepositoryGone : SquashOutcome;
}

/// <summary>Puts one revision with the same files in place of a branch's history, or of its part after an ancestor. What it replaces stays as long
/// as a tag, an alias or another branch reaches it.</summary>
internal sealed class SquashBranch(ArtifactDb db, TimeProvider time)
{
    /// <param name="onto">The ancestor that becomes the parent; null: none.</param>
    public async Task<SquashOutcome> RunAsync(Guid repositoryId, RefName branch, string expected, string? onto, string message, Caller caller, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(repositoryId, ct)) return new SquashOutcome.RepositoryGone();
        var named = await db.Refs.SingleOrDefaultAsync(found => found.RepositoryId == repositoryId && found.Kind == RefKind.Branch && found.Name == branch.Value, ct);
        if (named is null) return new SquashOutcome.NoSuchBranch();
        if (named.Revision != expected) return new SquashOutcome.Moved(named.Revision);
        var head = await db.Revisions.AsNoTracking().SingleAsync(row => row.RepositoryId == repositoryId && row.Id == named.Revision, ct);
        string? parent = null;
        if (onto is not null)
        {
            parent = (await db.FindRevisionAsync(repositoryId, onto, ct))?.Id;
            if (parent is null || parent == head.Id || !await IsAncestorAsync(repositoryId, parent, head.Id, ct)) return new SquashOutcome.NoAncestor();
        }
        var made = await MakeAsync(head, parent, message, caller, ct);
        named.Revision = made.Id;
        named.UpdatedAt = time.GetUtcNow();
        await db.SaveChangesAsync(ct);
        await db.Database.ExecuteSqlAsync($"update repositories set updated_at = {named.UpdatedAt} where id = {repositoryId}", ct);
        await db.Database.TouchAsync(repositoryId, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        return new SquashOutcome.Squashed(made);
    }

    private async Task<Revision> MakeAsync(Revision head, string? parent, string message, Caller caller, CancellationToken ct)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var author = caller.ActorId ?? throw new InvalidOperationException("Only people and service accounts squash; the route's policy lets in nobody else.");
        var id = GitIds.OfCommit(new CommitText(head.Tree, parent, CommitText.AuthorOf(caller.Name, author), now, message));
        // The same text twice in one second is the same revision.
        if (await db.Revisions.AsNoTracking().SingleOrDefaultAsync(row => row.RepositoryId == head.RepositoryId && row.Id == id, ct) is { } same) return same;
        var made = new Revision
        {
            RepositoryId = head.RepositoryId, Id = id, Parent = parent, Tree = head.Tree, Message = message, Author = caller.Name, AuthorId = author,
            CreatedAt = now, FileCount = head.FileCount, SizeBytes = head.SizeBytes, Number = await db.NextNumberAsync(head.RepositoryId, ct),
        };
        db.Revisions.Add(made);
        await db.SaveChangesAsync(ct);   // before the branch points at it
        return made;
    }

    private async Task<bool> IsAncestorAsync(Guid repositoryId, string ancestor, string of, CancellationToken ct) =>
        await db.Database.SqlQuery<bool>($"""
            with recursive log as (
                select id, parent from revisions where repository_id = {repositoryId} and id = {of}
                union all
                select r.id, r.parent from revisions r join log on r.repository_id = {repositoryId} and r.id = log.parent where log.id <> {ancestor})
            select exists (select from log where id = {ancestor}) as "Value"
            """).SingleAsync(ct);
}
