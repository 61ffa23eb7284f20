using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Search.Rebuilds;

/// <summary>The index under an administrator's eyes: how it stands, and building it again.</summary>
internal static class ReindexRoutes
{
    private const string Path = "/api/v1/search/reindex";

    public static void MapReindex(this IEndpointRouteBuilder routes)
    {
        var reindex = routes.MapGroup(Path).WithTags("Search").RequireAuthorization(Policies.Administrator);
        reindex.MapGet("", ReadAsync).WithName("GetReindex")
            .WithSummary("Get the search index's state").WithDescription("Whether it answers, and how far a rebuild is. For administrators of the instance.");
        reindex.MapPost("", AskAsync).WithName("Reindex")
            .WithSummary("Build the search index again").WithDescription("Beside the one that answers, which it then replaces. For administrators of the instance.");
    }

    private static async Task<Ok<IndexView>> ReadAsync(SearchDb db, CancellationToken ct) => TypedResults.Ok(View(await IndexState.ReadAsync(db, ct)));

    /// <summary>Safe to repeat: one rebuild at a time, and one that is under way will do.</summary>
    private static async Task<Accepted<IndexView>> AskAsync(SearchDb db, JobSignal<IndexWriter> writer, CancellationToken ct)
    {
        await IndexState.AskAsync(db, ct);
        writer.Wake();
        return TypedResults.Accepted(Path, View(await IndexState.ReadAsync(db, ct)));
    }

    private static IndexView View(IndexState state) => new(
        state.Next is not null ? IndexStatus.Building : state.WhyBuild is not null || state.Live is null ? IndexStatus.Waiting : IndexStatus.Ready,
        state.Live is not null, state.Next is null ? state.WhyBuild : state.NextReason,
        state.NextWritten, state.NextTotal, state.Next is null ? null : state.NextStartedAt, state.LiveBuiltAt);
}
