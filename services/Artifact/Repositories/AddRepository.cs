using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Repositories;

internal abstract record AddOutcome
{
    internal sealed record Added(Repository Repository) : AddOutcome;

    internal sealed record NotYourOwner : AddOutcome;

    internal sealed record Taken : AddOutcome;

    /// <summary>Another owner had a repository of this full name once.</summary>
    internal sealed record Retired : AddOutcome;
}

/// <summary>Makes an empty repository.</summary>
internal sealed class AddRepository(ArtifactDb db, FindOwner owners, TimeProvider time)
{
    public async Task<AddOutcome> RunAsync(RepositoryName name, CreateRepository ask, Caller caller, CancellationToken ct)
    {
        // An owner that does not exist and one the caller has no part in get one answer.
        if (caller.OnlyRepositories is not null || await owners.RunAsync(ask.Owner, ct) is not { } owner
            || caller.RoleIn(owner.Kind, owner.Id) is not >= Role.Contributor)
            return new AddOutcome.NotYourOwner();

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        db.Owners.Attach(owner);
        var now = time.GetUtcNow();
        var repository = new Repository
        {
            Id = Guid.CreateVersion7(now), OwnerId = owner.Id, Owner = owner, Name = name.Value, Visibility = ask.Visibility,
            Description = ask.Description, Readers = [], CreatedAt = now, UpdatedAt = now,
        };
        repository.DeriveReaders();
        db.Repositories.Add(repository);
        try
        {
            await db.SaveChangesAsync(ct);
            if (!await db.TakeNameAsync(owner, name.Folded, repository.Id, ct)) return new AddOutcome.Retired();
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The unique index decides who wins a race; a check before the write cannot.
            return new AddOutcome.Taken();
        }
        await db.Database.TouchAsync(repository.Id, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        await db.Entry(repository).ReloadAsync(ct);   // the database keeps microseconds
        return new AddOutcome.Added(repository);
    }
}
