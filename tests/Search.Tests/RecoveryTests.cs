using System.Net;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

public sealed class RecoveryTests(SearchApp app) : IClassFixture<SearchApp>
{
    [Fact]
    public async Task A_dropped_index_is_built_again_by_itself()
    {
        var model = await app.AModel("phoenix-one");
        await app.Meilisearch.Client.DeleteIndexAsync("models");
        var dropped = false;
        await Eventually(async () =>
        {
            using var answer = await GetAsync(app.Anonymous, "q=phoenix");
            if (answer.StatusCode == HttpStatusCode.OK) return dropped && (await Read(answer)).Hits.Any(hit => hit.Id == model.Id);
            await ShouldBeProblem(answer, HttpStatusCode.ServiceUnavailable, "search.rebuilding");
            return !(dropped = true);
        });
    }

    [Fact]
    public async Task Without_Meilisearch_a_search_is_503_and_what_changed_meanwhile_is_found_when_it_is_back()
    {
        await app.AModel("lazarus-one");
        await app.Meilisearch.KillAsync();
        using (var answer = await GetAsync(app.Anonymous, "q=lazarus"))
            await ShouldBeProblem(answer, HttpStatusCode.ServiceUnavailable, "search.unreachable");

        var later = NewModel("lazarus-two");
        app.Tell(later);
        await app.Meilisearch.RunAsync();
        await Eventually(async () =>
        {
            using var answer = await GetAsync(app.Anonymous, "q=lazarus");
            return answer.StatusCode == HttpStatusCode.OK && (await Read(answer)).Total == 2;
        });
    }

    [Fact]
    public async Task After_a_restore_of_both_owners_the_index_holds_what_they_hold()
    {
        var kept = await app.AModel("restored-one");
        await app.AModel("restored-two");
        app.Artifact.Replace();
        app.Catalog.Replace();
        app.Tell(kept);
        await Eventually(async () => (await Find(app.Member, "q=restored")).Hits.Select(hit => hit.Id).SequenceEqual([kept.Id]));
    }
}
