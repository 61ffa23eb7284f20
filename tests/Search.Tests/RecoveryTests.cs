using System.Net;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

public sealed class RecoveryTests(SearchApp app) : IClassFixture<SearchApp>
{
    [Theory]
    [InlineData(true)]    // as when the server's folder was deleted
    [InlineData(false)]   // as when somebody emptied it
    public async Task A_dropped_index_is_noticed_and_filled_again_and_meanwhile_no_answer_is_better_than_half_of_one(bool wholly)
    {
        var word = wholly ? "phoenix" : "salamander";
        var models = Enumerable.Range(0, 12).Select(i => NewModel($"{word}-{i}")).ToList();
        await app.SomeModels(models);
        var index = Assert.Single(await app.IndexesAsync());
        var task = wholly
            ? await app.Meilisearch.Client.DeleteIndexAsync(index)
            : await app.Meilisearch.Client.Index(index).DeleteDocumentsAsync(models.Take(5).Select(model => model.Id.ToString()));
        await app.Meilisearch.Client.WaitForTaskAsync(task.TaskUid);

        var refused = false;
        await Eventually(async () =>
        {
            var answer = await FindUnlessRebuilding(app.Anonymous, $"q={word}");
            refused |= answer is null;
            // Five missing documents are found out at the writer's next look; a missing index at once.
            if (refused || wholly) Assert.True(answer is null || answer.Total == 12, $"only {answer?.Total} hits");
            return refused && answer is not null;
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
        await Eventually(async () => (await FindUnlessRebuilding(app.Member, "q=restored"))?.Hits.Select(hit => hit.Id).SequenceEqual([kept.Id]) == true);
    }
}
