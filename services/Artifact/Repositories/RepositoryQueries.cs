using System.Linq.Expressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Repositories;

internal static class RepositoryQueries
{
    /// <summary>A repository the caller can see, by its name in the path.</summary>
    public static async Task<Repository?> FindAsync(this ArtifactDb db, Caller caller, string owner, string name, CancellationToken ct)
    {
        if (!OwnerName.TryParse(owner, out var ownerName) || !RepositoryName.TryParse(name, out var repositoryName, out _)) return null;
        var (ownerFolded, nameFolded) = (ownerName.Value.ToLowerInvariant(), repositoryName.Folded);
        return await db.Repositories.VisibleTo(caller).AsNoTracking()
            .Where(repository => repository.DeletedAt == null && repository.Name.ToLower() == nameFolded
                && repository.Owner.Name.ToLower() == ownerFolded && !repository.Owner.Deleted
                && db.RepositoryNames.Any(held => held.OwnerName == ownerFolded && held.Name == nameFolded && held.OwnerId == repository.OwnerId))
            .Include(repository => repository.Owner)
            .Include(repository => repository.Grants.Where(grant => grant.UserId == caller.UserId))
            .SingleOrDefaultAsync(ct);
    }

    /// <summary>A repository the caller can see, by its id.</summary>
    public static Task<Repository?> FindAsync(this ArtifactDb db, Caller caller, Guid id, CancellationToken ct) =>
        db.Repositories.VisibleTo(caller).AsNoTracking()
            .Where(repository => repository.Id == id && repository.DeletedAt == null && !repository.Owner.Deleted)
            .Include(repository => repository.Owner)
            .Include(repository => repository.Grants.Where(grant => grant.UserId == caller.UserId))
            .SingleOrDefaultAsync(ct);

    /// <summary>A repository in which the caller has at least this role; else what to answer: 404 when they may not know it, 403 when they may.</summary>
    public static async Task<(Repository? Repository, ProblemHttpResult? Refusal)> FindForAsync(
        this ArtifactDb db, Role needed, Caller caller, string owner, string name, CancellationToken ct)
    {
        var repository = await db.FindAsync(caller, owner, name, ct);
        if (repository is null) return (null, ArtifactProblems.RepositoryUnknown(owner, name));
        return repository.RoleOf(caller) >= needed ? (repository, null) : (null, ArtifactProblems.RoleNeeded(needed, owner, name));
    }

    /// <summary>The caller's highest role; null for one who may only read because it is public or internal.
    /// Needs the owner and the caller's grant loaded.</summary>
    public static Role? RoleOf(this Repository repository, Caller caller)
    {
        var asMember = caller.RoleIn(repository.Owner.Kind, repository.OwnerId);
        var asGrantee = repository.Grants.Find(grant => grant.UserId == caller.UserId)?.Role;
        return (asMember ?? 0) >= (asGrantee ?? 0) ? asMember : asGrantee;
    }

    public static async Task<RepositoryView> ViewAsync(this ArtifactDb db, Repository repository, Caller caller, CancellationToken ct)
    {
        var heads = await db.HeadsAsync([repository.Id], ct);
        return View(repository, caller, heads);
    }

    /// <summary>What the main branches point at.</summary>
    public static Task<Dictionary<Guid, string>> HeadsAsync(this ArtifactDb db, IReadOnlyCollection<Guid> repositories, CancellationToken ct) =>
        db.Refs.Where(IsMain).Where(head => repositories.Contains(head.RepositoryId))
            .ToDictionaryAsync(head => head.RepositoryId, head => head.Revision, ct);

    public static RepositoryView View(Repository repository, Caller caller, IReadOnlyDictionary<Guid, string> heads) => new(
        repository.Id, repository.Owner.Name, repository.Name, repository.Visibility, repository.Description,
        heads.GetValueOrDefault(repository.Id), repository.RoleOf(caller), repository.CreatedAt, repository.UpdatedAt);

    /// <summary>The subjects of Artifact's feed.</summary>
    public static async Task<IReadOnlyDictionary<Guid, RepositoryState>> StatesAsync(
        ArtifactDb db, IReadOnlyList<Guid> subjects, CancellationToken ct)
    {
        var repositories = await db.Repositories.AsNoTracking().Include(repository => repository.Owner).Include(repository => repository.Grants)
            .Where(repository => subjects.Contains(repository.Id) && repository.DeletedAt == null).ToListAsync(ct);
        var heads = await db.HeadsAsync([.. subjects], ct);
        return repositories.ToDictionary(repository => repository.Id, repository => new RepositoryState(
            repository.Id, repository.OwnerId, repository.Owner.Kind, repository.Owner.Name, repository.Name, repository.Visibility,
            repository.Description, repository.Readers, heads.GetValueOrDefault(repository.Id), repository.CreatedAt, repository.UpdatedAt,
            [.. repository.Grants.OrderBy(grant => grant.UserId).Select(grant => new GrantState(grant.UserId, grant.Role))]));
    }

    /// <summary>Makes this transaction the only one that changes the repository. False: it is deleted.</summary>
    public static async Task<bool> LockRepositoryAsync(this ArtifactDb db, Guid id, CancellationToken ct) =>
        await db.Database.SqlQuery<Guid>($"select id as \"Value\" from repositories where id = {id} and deleted_at is null for update")
            .ToListAsync(ct) is [_];

    private static readonly Expression<Func<Revisions.Ref, bool>> IsMain = head => head.Kind == Revisions.RefKind.Branch && head.Name == Revisions.Ref.Main;
}
