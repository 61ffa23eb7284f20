using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
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

/// <summary>Creates, moves or deletes a branch, tag or alias, only from where the caller saw it. An alias's moves are kept.</summary>
internal sealed class SetReference(ArtifactDb db, TimeProvider time)
{
    public async Task<SetOutcome> RunAsync(Guid repositoryId, RefKind kind, RefName name, SetRef ask, Caller caller, CancellationToken ct)
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
        there.Message = ask.Message;
        there.UpdatedAt = time.GetUtcNow();
        if (kind == RefKind.Alias) db.AliasMoves.Add(MoveOf(repositoryId, name.Value, ask.ExpectedRevision, target.Id, ask.Message, caller));
        await db.SaveChangesAsync(ct);
        await db.Database.TouchAsync(repositoryId, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        await db.Entry(there).ReloadAsync(ct);   // the database keeps microseconds
        return new SetOutcome.Done(there);
    }

    /// <returns>False: there is none of this kind and name.</returns>
    public async Task<bool> DeleteAsync(Guid repositoryId, RefKind kind, string name, Caller caller, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(repositoryId, ct)) return false;
        var there = await db.Refs.SingleOrDefaultAsync(found => found.RepositoryId == repositoryId && found.Kind == kind && found.Name == name, ct);
        if (there is null) return false;
        db.Refs.Remove(there);
        if (kind == RefKind.Alias) db.AliasMoves.Add(MoveOf(repositoryId, name, there.Revision, null, null, caller));
        await db.SaveChangesAsync(ct);
        await db.Database.TouchAsync(repositoryId, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private AliasMove MoveOf(Guid repositoryId, string alias, string? from, string? to, string? message, Caller caller) => new()
    {
        RepositoryId = repositoryId, Alias = alias, FromRevision = from, ToRevision = to, Message = message, MovedBy = caller.Name, MovedAt = time.GetUtcNow(),
        MovedById = caller.ActorId ?? throw new InvalidOperationException("Only people and service accounts move aliases; the route's policy lets in nobody else."),
    };
}
