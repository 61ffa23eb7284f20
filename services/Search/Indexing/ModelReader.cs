using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Search.Indexing;

/// <summary>Follows Catalog's feed for what models are.</summary>
internal sealed class ModelReader(
    JobSignal<IndexWriter> index, IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<ModelReader> logger)
    : FeedReader<SearchDb, ModelState>(Source, scopes, clients, time, logger)
{
    private const string Source = "catalog";

    protected override async Task ApplyAsync(SearchDb db, IReadOnlyList<Change<ModelState>> changes, CancellationToken ct)
    {
        foreach (var change in changes.OrderBy(change => change.Subject))
        {
            if (change.State is { } model) await Entries.PutStateAsync(db, model, ct);
            else await Entries.DropStateAsync(db, change.Subject, ct);
        }
        if (changes.Count < PageSize) await IndexState.FeedReadAsync(db, Source, ct);
    }

    protected override async Task ResetAsync(SearchDb db, CancellationToken ct)
    {
        await Entries.DropAllStatesAsync(db, ct);
        await IndexState.FeedResetAsync(db, Source, ct);
    }

    protected override void Applied(IReadOnlyList<Change<ModelState>> changes) => index.Wake();
}
