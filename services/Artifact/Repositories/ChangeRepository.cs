using Microsoft.EntityFrameworkCore;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>Changes settings or grants of a repository, its readers and its row in the feed, in one transaction.</summary>
internal sealed class ChangeRepository(ArtifactDb db, TimeProvider time)
{
    /// <param name="change">Gets the repository with its owner and all grants.</param>
    /// <returns>The repository as stored; null: it is gone.</returns>
    public async Task<Repository?> RunAsync(Guid id, Action<Repository> change, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.LockRepositoryAsync(id, ct)) return null;
        var repository = await db.Repositories.Include(row => row.Owner).Include(row => row.Grants).SingleAsync(row => row.Id == id, ct);
        change(repository);
        repository.DeriveReaders();
        repository.UpdatedAt = time.GetUtcNow();
        await db.SaveChangesAsync(ct);
        await db.Database.TouchAsync(id, Repository.Kind, deleted: false, ct);
        await transaction.CommitAsync(ct);
        await db.Entry(repository).ReloadAsync(ct);   // the database keeps microseconds
        return repository;
    }
}

internal static class RepositoryDeletion
{
    /// <summary>Deletes a repository, inside a transaction: from now on nobody may read it. Its name stays its owner's. Safe to repeat.</summary>
    public static async Task TombstoneAsync(this ArtifactDb db, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        var rows = await db.Database.ExecuteSqlAsync(
            $"update repositories set deleted_at = {now}, updated_at = {now}, readers = array[]::text[] where id = {id} and deleted_at is null", ct);
        if (rows == 0) return;
        await db.Database.ExecuteSqlAsync($"delete from staged_blobs where repository_id = {id}", ct);
        await db.Database.TouchAsync(id, Repository.Kind, deleted: true, ct);
    }
}
