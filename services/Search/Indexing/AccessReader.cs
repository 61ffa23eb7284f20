using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Search.Indexing;

/// <summary>Follows Artifact's feed for who may see what, and what is gone: hiding waits for nobody.</summary>
internal sealed class AccessReader(
    JobSignal<IndexWriter> index, IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<AccessReader> logger)
    : FeedReader<SearchDb, RepositoryState>(Source, scopes, clients, time, logger)
{
    private const string Source = "artifact";

    protected override async Task ApplyAsync(SearchDb db, IReadOnlyList<Change<RepositoryState>> changes, CancellationToken ct)
    {
        foreach (var change in changes.OrderBy(change => change.Subject))
        {
            if (change.State is { } repository) await Entries.PutAccessAsync(db, repository, ct);
            else await Entries.DropAccessAsync(db, change.Subject, ct);
        }
        if (changes.Count < PageSize) await IndexState.FeedReadAsync(db, Source, ct);
    }

    protected override async Task ResetAsync(SearchDb db, CancellationToken ct)
    {
        await Entries.DropAllAccessAsync(db, ct);
        await IndexState.FeedResetAsync(db, Source, ct);
    }

    protected override void Applied(IReadOnlyList<Change<RepositoryState>> changes) => index.Wake();
}
