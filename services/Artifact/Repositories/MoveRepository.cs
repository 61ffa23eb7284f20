using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Repositories;

internal abstract record MoveOutcome
{
    internal sealed record Moved(Repository Repository) : MoveOutcome;

    /// <summary>The new owner does not exist, or the caller does not own what belongs to it.</summary>
    internal sealed record NotYourOwner : MoveOutcome;

    internal sealed record Taken : MoveOutcome;

    /// <summary>Another owner had a repository of the new full name once.</summary>
    internal sealed record Retired : MoveOutcome;

    internal sealed record Gone : MoveOutcome;
}

/// <summary>Gives a repository another name, another owner, or both. The old name stays its old owner's and leads to the new one.</summary>
internal sealed class MoveRepository(ArtifactDb db, FindOwner owners, KeepQuota quota, TimeProvider time)
{
    /// <param name="owner">Null: it stays.</param>
    public async Task<MoveOutcome> RunAsync(Guid id, string? owner, RepositoryName name, Caller caller, CancellationToken ct)
    {
        var next = owner is null ? null : await owners.RunAsync(owner, ct);
        if (owner is not null && next is null) return new MoveOutcome.NotYourOwner();

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(id, ct)) return new MoveOutcome.Gone();
        var repository = await db.Repositories.Include(row => row.Owner).Include(row => row.Grants).SingleAsync(row => row.Id == id, ct);
        if (next is not null && next.Id != repository.OwnerId)
        {
            if (caller.OnlyRepositories is not null || caller.RoleIn(next.Kind, next.Id) is not Role.Owner) return new MoveOutcome.NotYourOwner();
            db.Owners.Attach(next);
            (repository.Owner, repository.OwnerId) = (next, next.Id);
        }
        repository.Name = name.Value;
        repository.DeriveReaders();
        repository.UpdatedAt = time.GetUtcNow();
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return new MoveOutcome.Taken();
        }
        if (next is not null) await quota.RunAsync(id, Array.Empty<string>(), ct);   // the new owner's
        if (!await db.TakeNameAsync(repository.Owner, name.Folded, id, ct)) return new MoveOutcome.Retired();
        await db.Database.TouchAsync(id, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        await db.Entry(repository).ReloadAsync(ct);   // the database keeps microseconds
        return new MoveOutcome.Moved(repository);
    }
}
