using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Search;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

public sealed class RebuildTests(SearchApp app) : IClassFixture<SearchApp>
{
    [Fact]
    public async Task Changed_settings_build_a_second_index_and_no_search_has_fewer_hits_while_the_two_are_swapped()
    {
        var word = "capybara";
        await app.SomeModels([.. Enumerable.Range(0, 1200).Select(i => NewModel($"{word}-{i}"))]);
        var before = Assert.Single(await app.IndexesAsync());

        // As a platform that was updated finds it: the index has another version's settings.
        await app.SqlAsync<long>("with u as (update index_state set live_settings_sha256 = 'of the version before' returning 1) select count(*) from u");
        var added = 0;
        var both = false;
        var answers = new List<long>();
        await Eventually(async () =>
        {
            var known = added;
            answers.Add((await Find(app.Anonymous, $"q={word}&pageSize=1")).Total);
            Assert.True(answers[^1] >= answers.Max(), $"{answers[^1]} hits after {answers.Max()}");
            if (answers.Count % 10 == 0) app.Tell(NewModel($"{word}-new-{++added}"));   // writes go on meanwhile
            both |= (await app.IndexesAsync()).Count == 2;
            return await app.SqlAsync<bool>("select live <> '" + before + "' from index_state");
        }, seconds: 60);

        Assert.True(both);
        Assert.True(added > 0);
        await Eventually(async () => (await Find(app.Anonymous, $"q={word}&pageSize=1")).Total == 1200 + added);
        await Eventually(async () => (await app.IndexesAsync()) is [var only] && only != before);
        Assert.Equal(added, (await Find(app.Anonymous, $"q=\"{word} new\"&pageSize=1")).Total);
    }

    [Fact]
    public async Task An_administrator_has_the_index_built_again_and_sees_how_far_it_is()
    {
        await app.AModel("wallaby-one");
        foreach (var (caller, status) in new[] { (app.Anonymous, HttpStatusCode.Unauthorized), (app.Member, HttpStatusCode.Forbidden) })
        {
            Assert.Equal(status, (await caller.PostAsync("/api/v1/search/reindex", null)).StatusCode);
            Assert.Equal(status, (await caller.GetAsync("/api/v1/search/reindex")).StatusCode);
        }
        var before = await ViewAsync();
        using var asked = await app.Administrator.PostAsync("/api/v1/search/reindex", null);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var view = (await asked.Content.ReadFromJsonAsync<IndexView>(ZooJson.Options))!;
        Assert.True(view is { Status: not IndexStatus.Ready, Answers: true, Reason: "asked" }, view.ToString());

        await Eventually(async () => (view = await ViewAsync()).Status == IndexStatus.Ready);
        Assert.True(view.BuiltAt > before.BuiltAt);
        Assert.Equal((true, null), (view.Answers, view.Reason));
        Assert.Equal(1, (await Find(app.Anonymous, "q=wallaby")).Total);
    }

    [Fact]
    public async Task A_rebuild_goes_on_after_a_crash_and_nothing_is_left_over()
    {
        await app.SomeModels([.. Enumerable.Range(0, 40).Select(i => NewModel($"quoll-{i}"))]);
        var model = await app.AModel("quoll-changing");
        // What a crash in the middle leaves: the next index half written, this row behind the point that was reached; and one of an earlier crash.
        await using (await app.HoldWriterAsync())
        {
            var meili = app.Meilisearch.Client;
            foreach (var name in new[] { "models-00000000000070008000000000000001", "models-00000000000070008000000000000002" })
                await meili.WaitForTaskAsync((await meili.Index(name).UpdateSettingsAsync(Indexing.IndexSettings.Value)).TaskUid);
            await app.SqlAsync<long>($"""
                with u as (update index_state set next = 'models-00000000000070008000000000000001', next_settings_sha256 = live_settings_sha256,
                    next_after = (select id from entries order by id desc limit 1), next_written = 40, next_reason = 'asked', next_started_at = now() returning 1)
                select count(*) from u
                """);
            app.Tell(model with { Title = "quoll changed" });
        }
        // The half index lacks 40 documents: it must not take the other's place.
        await Eventually(async () => (await ViewAsync()).Status == IndexStatus.Ready);
        Assert.Equal(41, (await Find(app.Anonymous, "q=quoll&pageSize=1")).Total);
        await Eventually(async () => (await app.IndexesAsync()).Count == 1);
    }

    private async Task<IndexView> ViewAsync() => (await app.Administrator.GetFromJsonAsync<IndexView>("/api/v1/search/reindex", ZooJson.Options))!;
}
