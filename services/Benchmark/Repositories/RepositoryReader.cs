using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Serving;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>Follows Artifact: who may read what, and what is gone.</summary>
internal sealed class RepositoryReader(
    IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<RepositoryReader> logger, Deployments deployments, KnownModels known)
    : FeedReader<BenchmarkDb, RepositoryState>("artifact", scopes, clients, time, logger)
{
    protected override async Task ApplyAsync(BenchmarkDb db, IReadOnlyList<Change<RepositoryState>> changes, CancellationToken ct)
    {
        var ids = changes.Select(change => change.Subject).ToList();
        await db.Repositories.Where(repository => ids.Contains(repository.Id)).ExecuteDeleteAsync(ct);
        db.Repositories.AddRange(changes.Where(change => change.State is not null).Select(change => Of(change.State!)));

        var deleted = changes.Where(change => change.Deleted).Select(change => change.Subject).ToList();
        await db.Runs.Where(run => deleted.Contains(run.RepositoryId)).ExecuteDeleteAsync(ct);
        await db.Deployments.Where(deployment => deleted.Contains(deployment.RepositoryId)).ExecuteDeleteAsync(ct);
        foreach (var subject in deleted)
        {
            await db.Database.TouchAsync(subject, "run-summary", deleted: true, ct);
        }

        await db.SaveChangesAsync(ct);
    }

    protected override async Task ResetAsync(BenchmarkDb db, CancellationToken ct) => await db.Repositories.ExecuteDeleteAsync(ct);

    protected override void Applied(IReadOnlyList<Change<RepositoryState>> changes)
    {
        known.Forget();
        foreach (var change in changes.Where(change => change.Deleted))
        {
            deployments.Forget(change.Subject);
        }
    }

    private static Repository Of(RepositoryState state) => new()
    {
        Id = state.Id,
        OwnerId = state.OwnerId,
        OwnerKind = state.OwnerKind,
        Owner = state.Owner,
        Name = state.Name,
        Readers = [.. state.Readers],
        Contributors = [.. (state.Grants ?? []).Where(grant => grant.Role >= Role.Contributor).Select(grant => grant.UserId)],
        Head = state.Head,
    };
}
