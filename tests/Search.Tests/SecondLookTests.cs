using ZooPlatform.Contracts;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

public sealed class SecondLookTests(SearchApp app) : IClassFixture<SearchApp>
{
    [Theory]
    [InlineData("rhinoceros-net", "hrinoceros-net")]   // the first letters, which the index does not forgive
    [InlineData("pangolin-detector", "pango lindetector")]
    [InlineData("TapirNet v2 large", "TapirNtev2larg")]
    public async Task A_name_is_found_where_words_alone_are_not(string title, string typed)
    {
        var model = await app.AModel($"n-{Guid.CreateVersion7():N}", but: m => m with { Title = title });
        await Eventually(async () => (await Find(app.Anonymous, $"q={typed}")).Hits.FirstOrDefault()?.Id == model.Id);
    }

    [Fact]
    public async Task Names_that_one_may_not_see_take_no_part()
    {
        var visible = await app.AModel("aardwolf-tracker-xl", but: m => m with { Task = "tracking" });
        await Eventually(async () => (await Find(app.Outsider, "q=aradwolf-tracke")).Hits.FirstOrDefault()?.Id == visible.Id);
        var before = await Find(app.Outsider, "q=aradwolf-tracke");

        // More of them than a second look takes, and all nearer to what is typed.
        for (var i = 0; i < 12; i++) await app.AModel($"aradwolf-tracker-{i}", Visibility.Private, m => m with { Title = "aradwolf tracker", Task = "spying" });
        await Eventually(async () => (await Find(app.Member, "q=aradwolf-tracke")).Hits.Count(hit => hit.Title == "aradwolf tracker") == 12);
        foreach (var caller in new[] { app.Outsider, app.Anonymous })
        {
            var after = await Find(caller, "q=aradwolf-tracke");
            Assert.Equal(before.Hits.Select(hit => hit.Id), after.Hits.Select(hit => hit.Id));
            Assert.Equal(before.Total, after.Total);
            Assert.Equal(before.Facets["task"], after.Facets["task"]);
        }
    }

    [Fact]
    public async Task A_name_that_is_hidden_takes_no_part_from_that_moment()
    {
        var model = await app.AModel("kookaburra-voice");
        await Eventually(async () => (await Find(app.Anonymous, "q=okokaburra-voice")).Hits.Any(hit => hit.Id == model.Id));
        await using (await app.HoldWriterAsync())
        {
            app.Show(model, Visibility.Private);
            await Eventually(async () => (await Find(app.Anonymous, "q=kookaburra")).Total == 0, seconds: 2);
            Assert.Equal(0, (await Find(app.Anonymous, "q=okokaburra-voice")).Total);
        }
    }

    [Fact]
    public async Task Pages_totals_and_facets_count_every_model_once_wherever_the_names_come()
    {
        // The words find all of these in their text; the second look brings the last ones forward.
        for (var i = 0; i < 9; i++) await app.AModel($"other-{Guid.CreateVersion7():N}", but: m => m with { Title = $"thing {i}", Text = "zebu herdre in the text", Task = "herding" });
        for (var i = 0; i < 3; i++) await app.AModel($"zebu-herder-{i}", but: m => m with { Title = "zebuherder", Task = "herding" });
        await Eventually(async () => (await Find(app.Anonymous, "q=zebu herdre")).Hits.Take(3).All(hit => hit.Title == "zebuherder"));

        var all = await Find(app.Anonymous, "q=zebu herdre&pageSize=100");
        Assert.Equal(12, all.Total);
        Assert.Equal(12, all.Hits.DistinctBy(hit => hit.Id).Count());
        Assert.Equal(12, all.Facets["task"]["herding"]);
        foreach (var size in new[] { 1, 2, 5, 7 })
        {
            var pages = new List<Guid>();
            for (var page = 1; page <= (12 + size - 1) / size; page++)
            {
                var answer = await Find(app.Anonymous, $"q=zebu herdre&pageSize={size}&page={page}");
                Assert.Equal(12, answer.Total);
                pages.AddRange(answer.Hits.Select(hit => hit.Id));
            }
            Assert.Equal(all.Hits.Select(hit => hit.Id), pages);
        }
    }

    [Fact]
    public async Task Filters_orders_and_quotes_hold_for_names_too()
    {
        await app.AModel("ibex-climber", but: m => m with { Task = "climbing" });
        await Eventually(async () => (await Find(app.Anonymous, "q=bixe-climber")).Total == 1);
        Assert.Equal(1, (await Find(app.Anonymous, "q=bixe-climber&task=climbing")).Total);
        Assert.Equal(0, (await Find(app.Anonymous, "q=bixe-climber&task=falling")).Total);
        Assert.Equal(0, (await Find(app.Anonymous, "q=bixe-climber&sort=name")).Total);
        Assert.Equal(0, (await Find(app.Anonymous, "q=\"bixe-climber\"")).Total);
    }
}
