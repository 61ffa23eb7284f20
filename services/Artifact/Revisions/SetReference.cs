using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Revisions;

internal abstract record SetOutcome
{
    internal sealed record Done(Ref Ref) : SetOutcome;

    /// <param name="Revision">Where it points; null: it does not exist.</param>
    internal sealed record Moved(string? Revision) : SetOutcome;

    internal sealed record OtherKind : SetOutcome;

    internal sealed record NoSuchRevision : SetOutcome;

    internal sealed record RepositoryGone : SetOutcome;
}

/// <summary>Creates, moves or deletes a branch or tag, only from where the caller saw it.</summary>
internal sealed class SetReference(ArtifactDb db, TimeProvider time)
{
    public async Task<SetOutcome> RunAsync(Guid repositoryId, RefKind kind, RefName name, SetRef ask, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(repositoryId, ct)) return new SetOutcome.RepositoryGone();
        if (await db.FindRevisionAsync(repositoryId, ask.Revision, ct) is not { } target) return new SetOutcome.NoSuchRevision();
        var there = await db.Refs.SingleOrDefaultAsync(found => found.RepositoryId == repositoryId && found.Name == name.Value, ct);
        if (there is not null && there.Kind != kind) return new SetOutcome.OtherKind();
        if (there?.Revision != ask.ExpectedRevision) return new SetOutcome.Moved(there?.Revision);
        if (there is null)
        {
            there = new Ref { RepositoryId = repositoryId, Name = name.Value, Kind = kind, Revision = target.Id, UpdatedAt = time.GetUtcNow() };
            db.Refs.Add(there);
        }
        there.Revision = target.Id;
        there.UpdatedAt = time.GetUtcNow();
        await db.SaveChangesAsync(ct);
        await db.Database.TouchAsync(repositoryId, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        return new SetOutcome.Done(there);
    }

    /// <returns>False: there is no such branch or tag.</returns>
    public async Task<bool> DeleteAsync(Guid repositoryId, RefKind kind, string name, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(repositoryId, ct)) return false;
        var rows = await db.Refs.Where(found => found.RepositoryId == repositoryId && found.Kind == kind && found.Name == name).ExecuteDeleteAsync(ct);
        if (rows == 0) return false;
        await db.Database.TouchAsync(repositoryId, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
