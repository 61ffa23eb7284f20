using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Inspections;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Catalog.Models;

/// <summary>Follows Artifact's feed: which repositories there are and who may read them. A new head is only queued here.</summary>
internal sealed class RepositoryReader(
    JobSignal<InspectionWorker> inspections, IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<RepositoryReader> logger)
    : FeedReader<CatalogDb, RepositoryState>("artifact", scopes, clients, time, logger)
{
    protected override async Task ApplyAsync(CatalogDb db, IReadOnlyList<Change<RepositoryState>> changes, CancellationToken ct)
    {
        foreach (var change in changes.OrderBy(change => change.Subject))
        {
            if (change.State is { } repository) await PutAsync(db, repository, ct);
            else await DeleteAsync(db, change.Subject, ct);
        }
    }

    /// <summary>Everything comes again and is inspected again; what does not come is gone.</summary>
    protected override async Task ResetAsync(CatalogDb db, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"update changes set version = version + 1, deleted = true where not deleted", ct);
        await db.Models.ExecuteDeleteAsync(ct);
    }

    protected override void Applied(IReadOnlyList<Change<RepositoryState>> changes) => inspections.Wake();

    private static async Task PutAsync(CatalogDb db, RepositoryState repository, CancellationToken ct)
    {
        var model = await db.Models.SingleOrDefaultAsync(m => m.Id == repository.Id, ct);
        if (model is null)
        {
            model = new Model
            {
                Id = repository.Id,
                Owner = repository.Owner,
                Name = repository.Name,
                Title = repository.Name,
                Visibility = repository.Visibility,
                Readers = [.. repository.Readers],
                CreatedAt = repository.CreatedAt,
                UpdatedAt = repository.UpdatedAt,
            };
            db.Models.Add(model);
        }

        var isNewHead = model.Head != repository.Head;
        model.Owner = repository.Owner;
        model.Name = repository.Name;
        model.Visibility = repository.Visibility;
        model.Description = repository.Description;
        model.Readers = [.. repository.Readers];
        model.Head = repository.Head;
        model.UpdatedAt = repository.UpdatedAt;
        if (await db.SaveChangesAsync(ct) == 0) return;   // it was told before
        if (isNewHead && repository.Head is { } head) await InspectionQueue.PutAsync(db, repository.Id, head, ct);
        await db.Database.TouchAsync(repository.Id, "model", deleted: false, ct);
    }

    private static async Task DeleteAsync(CatalogDb db, Guid id, CancellationToken ct)
    {
        var model = await db.Models.SingleOrDefaultAsync(m => m.Id == id, ct);
        if (model is null) return;
        db.Models.Remove(model);
        await db.SaveChangesAsync(ct);
        if (model.Stub is { } stub) await InspectionQueue.PutClaimantsAsync(db, stub, ct);
        await db.Database.TouchAsync(id, "model", deleted: true, ct);
    }
}
