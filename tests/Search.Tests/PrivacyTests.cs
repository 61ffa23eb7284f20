using ZooPlatform.Contracts;
using static ZooPlatform.Search.Tests.SearchApp;

namespace ZooPlatform.Search.Tests;

public sealed class PrivacyTests(SearchApp app) : IClassFixture<SearchApp>
{
    [Fact]
    public async Task A_private_model_is_no_hit_no_count_and_no_facet_to_others()
    {
        await app.AModel("open-okapi", but: m => m with { Task = "okapi-detection" });
        var before = await Find(app.Outsider, "q=");
        await app.AModel("secret-okapi", Visibility.Private, m => m with { Task = "okapi-spying", License = "secret", Tags = ["okapi-tag"], Owner = "acme" });

        Assert.Equal(2, (await Find(app.Member, "q=okapi")).Total);
        foreach (var caller in new[] { app.Anonymous, app.Outsider })
        {
            foreach (var query in new[] { "q=okapi", "q=\"secret-okapi\"", "q=", "task=okapi-spying", "q=okapi&sort=size", "tag=okapi-tag", "owner=acme", "license=secret" })
            {
                var answer = await Find(caller, query);
                Assert.DoesNotContain(answer.Hits, hit => hit.Name == "secret-okapi");
                Assert.DoesNotContain("okapi-spying", answer.Facets["task"].Keys);
                Assert.DoesNotContain("okapi-tag", answer.Facets["tag"].Keys);
                Assert.DoesNotContain("secret", answer.Facets["license"].Keys);
            }
        }
        var after = await Find(app.Outsider, "q=");
        Assert.Equal(before.Total, after.Total);
        Assert.Equal(before.Facets["owner"], after.Facets["owner"]);
    }

    [Fact]
    public async Task An_internal_model_shows_to_who_is_signed_in()
    {
        var model = await app.AModel("internal-quokka", Visibility.Internal);
        Assert.Equal(0, (await Find(app.Anonymous, "q=quokka")).Total);
        Assert.Equal(model.Id, Assert.Single((await Find(app.Outsider, "q=quokka")).Hits).Id);
    }

    [Fact]
    public async Task What_becomes_private_is_hidden_while_the_index_still_shows_it()
    {
        var model = await app.AModel("fading-numbat");
        Assert.Equal(1, (await Find(app.Anonymous, "q=numbat")).Total);

        // The index cannot be written: the hiding must not wait for it.
        await using (await app.HoldWriterAsync())
        {
            app.Show(model, Visibility.Private);
            await Eventually(async () => (await Find(app.Anonymous, "q=numbat")).Total == 0, seconds: 2);
            Assert.DoesNotContain("numbat", (await Find(app.Anonymous, "q=numbat")).Facets["tag"].Keys);
        }
        await Eventually(async () => (await Find(app.Member, "q=numbat")).Total == 1);
        Assert.Equal(0, (await Find(app.Anonymous, "q=numbat")).Total);
    }

    [Fact]
    public async Task A_late_word_from_the_catalog_cannot_show_what_Artifact_has_hidden()
    {
        var model = await app.AModel("late-wombat");
        app.Show(model, Visibility.Private);
        await Eventually(async () => (await Find(app.Anonymous, "q=wombat")).Total == 0);
        app.Catalog.Put(model.Id, model with { Title = "wombat again, still public as the catalog has it" });
        await Eventually(async () => (await Find(app.Member, "q=\"wombat again\"")).Total == 1);
        Assert.Equal(0, (await Find(app.Anonymous, "q=wombat")).Total);
    }

    [Fact]
    public async Task A_deleted_repository_is_gone_whoever_of_the_owners_says_it_first()
    {
        var first = await app.AModel("gone-bilby-1");
        var second = await app.AModel("gone-bilby-2");
        app.Artifact.Delete(first.Id);
        app.Catalog.Delete(second.Id);
        await Eventually(async () => (await Find(app.Member, "q=bilby")).Total == 0);

        // A page of the catalog that was under way comes after the deletion.
        app.Catalog.Put(first.Id, first with { Title = "bilby back" });
        await app.AModel("bilby-3");
        Assert.Equal(["bilby-3"], (await Find(app.Member, "q=bilby")).Hits.Select(hit => hit.Name));
    }

    [Fact]
    public async Task A_token_for_one_repository_finds_that_one_alone()
    {
        var only = await app.AModel("narrow-dingo-1");
        await app.AModel("narrow-dingo-2");
        using var caller = app.NarrowedTo(only.Id);
        var answer = await Find(caller, "q=dingo");
        Assert.Equal(only.Id, Assert.Single(answer.Hits).Id);
        Assert.Equal(1, answer.Total);
    }
}
