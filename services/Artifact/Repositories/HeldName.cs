using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>A full name that a repository has or had, folded. It stays its owner's whatever is deleted, renamed or moved, so it never passes
/// to another owner; <see cref="RepositoryId"/> is the repository that had it last.</summary>
internal sealed class HeldName
{
    public required string OwnerName { get; init; }
    public required string Name { get; init; }
    public required Guid OwnerId { get; init; }
    public Guid? RepositoryId { get; init; }
}

internal static class HeldNames
{
    /// <summary>Gives a name under this owner to a repository, inside a transaction. False: the name is another owner's.</summary>
    public static async Task<bool> TakeNameAsync(this ArtifactDb db, Owner owner, string folded, Guid repositoryId, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            insert into repository_names as known (owner_name, name, owner_id, repository_id) values ({owner.Name.ToLowerInvariant()}, {folded}, {owner.Id}, {repositoryId})
            on conflict (owner_name, name) do update set repository_id = excluded.repository_id where known.owner_id = excluded.owner_id
            """, ct) == 1;

    /// <summary>The repository that had this name last and has another now, if the caller may read it.</summary>
    public static async Task<Repository?> FindMovedAsync(this ArtifactDb db, Caller caller, string owner, string name, CancellationToken ct)
    {
        if (!OwnerName.TryParse(owner, out var ownerName) || !RepositoryName.TryParse(name, out var repositoryName, out _)) return null;
        var (ownerFolded, nameFolded) = (ownerName.Value.ToLowerInvariant(), repositoryName.Folded);
        var moved = await db.Repositories.VisibleTo(caller).AsNoTracking().Include(repository => repository.Owner)
            .Where(repository => repository.DeletedAt == null && !repository.Owner.Deleted
                && db.RepositoryNames.Any(held => held.OwnerName == ownerFolded && held.Name == nameFolded && held.RepositoryId == repository.Id))
            .SingleOrDefaultAsync(ct);
        // Found by the name itself: it is hidden for another reason, and would lead to itself.
        return moved is null || (moved.Name.ToLowerInvariant() == nameFolded && moved.Owner.Name.ToLowerInvariant() == ownerFolded) ? null : moved;
    }
}
