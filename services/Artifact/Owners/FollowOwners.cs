using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Owners;

/// <summary>Keeps the replica of Identity's users and organisations. A new name changes every repository of its owner;
/// a deleted owner's repositories are deleted too.</summary>
internal sealed class FollowOwners(
    IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<FollowOwners> logger)
    : FeedReader<ArtifactDb, OwnerState>("identity", scopes, clients, time, logger)
{
    private readonly TimeProvider _time = time;

    protected override async Task ApplyAsync(ArtifactDb db, IReadOnlyList<Change<OwnerState>> changes, CancellationToken ct)
    {
        foreach (var change in changes.OrderBy(change => change.Subject))
        {
            if (change.State is { } state) await PutAsync(db, state, ct);
            else await DeleteAsync(db, change.Subject, ct);
        }
    }

    // Repositories refer to their owners, so the rows stay; everything comes again and brings them up to date.
    protected override Task ResetAsync(ArtifactDb db, CancellationToken ct) => Task.CompletedTask;

    private static async Task PutAsync(ArtifactDb db, OwnerState state, CancellationToken ct)
    {
        var kind = state.Kind.ToString().ToLowerInvariant();
        var known = await db.Owners.AsNoTracking().SingleOrDefaultAsync(owner => owner.Id == state.Id, ct);
        await db.Database.ExecuteSqlAsync($"""
            insert into owners (id, kind, name) values ({state.Id}, {kind}, {state.Name})
            on conflict (id) do update set kind = excluded.kind, name = excluded.name, deleted = false
            """, ct);
        if (known is null || known.Name == state.Name) return;
        await db.Database.ExecuteSqlAsync($"""
            insert into repository_names as known (owner_name, name, owner_id, repository_id)
            select lower({state.Name}), lower(name), owner_id, id from repositories where owner_id = {state.Id} and deleted_at is null
            on conflict (owner_name, name) do update set repository_id = excluded.repository_id where known.owner_id = excluded.owner_id
            """, ct);
        foreach (var repository in await RepositoriesOfAsync(db, state.Id, ct))
            await db.Database.TouchAsync(repository, Repository.Kind, deleted: false, ct);
    }

    private async Task DeleteAsync(ArtifactDb db, Guid owner, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"update owners set deleted = true where id = {owner}", ct);
        foreach (var repository in await RepositoriesOfAsync(db, owner, ct))
            await db.TombstoneAsync(repository, _time.GetUtcNow(), ct);
    }

    private static Task<List<Guid>> RepositoriesOfAsync(ArtifactDb db, Guid owner, CancellationToken ct) =>
        db.Repositories.Where(repository => repository.OwnerId == owner && repository.DeletedAt == null)
            .OrderBy(repository => repository.Id).Select(repository => repository.Id).ToListAsync(ct);
}
