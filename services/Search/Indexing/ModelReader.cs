using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Search.Indexing;

/// <summary>Follows Catalog's feed for what models are.</summary>
internal sealed class ModelReader(
    JobSignal<IndexWriter> index, IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<ModelReader> logger)
    : FeedReader<SearchDb, ModelState>("catalog", scopes, clients, time, logger)
{
    protected override async Task ApplyAsync(SearchDb db, IReadOnlyList<Change<ModelState>> changes, CancellationToken ct)
    {
        foreach (var change in changes.OrderBy(change => change.Subject))
        {
            if (change.State is { } model) await Entries.PutStateAsync(db, model, ct);
            else await Entries.DropStateAsync(db, change.Subject, ct);
        }
    }

    protected override Task ResetAsync(SearchDb db, CancellationToken ct) => Entries.DropAllStatesAsync(db, ct);

    protected override void Applied(IReadOnlyList<Change<ModelState>> changes) => index.Wake();
}
