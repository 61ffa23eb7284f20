using System.Net;
using System.Net.Http.Json;
using Npgsql;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Revisions;

/// <summary>What revisions are called: numbers, tags, aliases.</summary>
public sealed class NamingTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task Revisions_are_numbered_in_the_order_of_their_commits_and_found_by_number()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        var second = await repo.PushAsync(first.Id, ("a.txt", "2".Utf8()));
        var side = new CreateRevision("side", [new FileOperation("b.txt", await repo.PutBlobAsync("b".Utf8()))], null, "side");
        using var made = await ada.Http.PostJsonAsync($"{repo.Url}/revisions", side);
        var third = await made.ReadAsync<RevisionView>();
        Assert.Equal([1, 2, 3], new[] { first.Number, second.Number, third.Number });
        Assert.Equal(second, await ada.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/2"));
        Assert.Equal("1", await ada.Http.GetStringAsync($"{repo.Url}/files/1/a.txt"));
        Assert.Equal([2, 1], (await ada.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions")).Items.Select(revision => revision.Number));
        foreach (var none in new[] { "0", "4", "99999999999999999999", "-1", "+1" })
            await ada.Http.GetAsync($"{repo.Url}/revisions/{none}").ShouldBeProblemAsync(404, "revision.unknown");
        foreach (var kind in new[] { "branches", "tags", "aliases" })
            await PutAsync(repo, $"{kind}/12", new SetRef("1")).ShouldBeProblemAsync(422, "ref.name-invalid");
        await repo.Http.PostJsonAsync($"{repo.Url}/revisions", side with { Branch = "7" }).ShouldBeProblemAsync(422, "ref.name-invalid");
        var (_, other) = await app.ARepositoryAsync();
        Assert.Equal(1, (await other.PushAsync(null, ("x", "x".Utf8()))).Number);
    }

    [Fact]
    public async Task Revisions_of_before_are_numbered_by_their_history()
    {
        var connection = await (await PostgresServer.Shared).CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);
        async Task RunAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
        await RunAsync(Migration("0001_initial"));
        var (owner, kit) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        // c's clock had gone backwards; d and e are of one second.
        await RunAsync($"""
            insert into owners values ('{owner}', 'user', 'Ada');
            insert into repositories values ('{kit}', '{owner}', 'Kit', 'private', null, array['x'], now(), now());
            insert into repository_names values ('ada', 'kit', '{owner}'), ('old-ada', 'kit', '{owner}'), ('ada', 'gone', '{owner}');
            insert into revisions values
                ('{kit}', 'a', null, 't', 'm', 'ada', '{owner}', '2026-01-01', 1, 1), ('{kit}', 'b', 'a', 't', 'm', 'ada', '{owner}', '2026-01-03', 1, 1),
                ('{kit}', 'c', 'b', 't', 'm', 'ada', '{owner}', '2026-01-02', 1, 1), ('{kit}', 'e', 'c', 't', 'm', 'ada', '{owner}', '2026-01-04', 1, 1),
                ('{kit}', 'd', 'e', 't', 'm', 'ada', '{owner}', '2026-01-04', 1, 1);
            """);
        await RunAsync(Migration("0003_revisions"));
        await using var command = source.CreateCommand("""
            select string_agg(id || number, ' ' order by number) || ' ' || (select revisions_made from repositories)
                || (select string_agg(' ' || owner_name || '/' || name, '' order by owner_name) from repository_names where repository_id is not null) from revisions
            """);
        Assert.Equal("a1 b2 c3 e4 d5 5 ada/kit old-ada/kit", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task An_alias_moves_and_tells_who_moved_it_when_from_where_to_where()
    {
        var acme = app.AnOrganisation();
        var (maintainer, contributor) = (app.AUser(acme, Role.Maintainer), app.AUser(acme));
        var repo = await maintainer.CreateAsync(acme.Name, app.Fresh());
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        var second = await repo.PushAsync(first.Id, ("a.txt", "2".Utf8()));
        await PutAsync(repo.As(contributor), "aliases/prod", new SetRef("1")).ShouldBeProblemAsync(403, "repository.role-needed");
        await maintainer.Http.GetAsync($"{repo.Url}/aliases/prod").ShouldBeProblemAsync(404, "ref.unknown");
        await maintainer.Http.GetAsync($"{repo.Url}/aliases/prod/history").ShouldBeProblemAsync(404, "ref.unknown");

        await SetAsync(repo, "aliases/prod", new SetRef("1", null, "the first"));
        Assert.Equal("1", await maintainer.Http.GetStringAsync($"{repo.Url}/files/prod/a.txt"));
        await PutAsync(repo, "aliases/prod", new SetRef("2")).ShouldBeProblemAsync(409, "ref.moved");   // one must say from where
        await PutAsync(repo, "aliases/prod", new SetRef("2", second.Id)).ShouldBeProblemAsync(409, "ref.moved");
        var before = (await Feed.ReadAsync(app)).Single(change => change.Subject == repo.View.Id).Sequence;
        var moved = await SetAsync(repo, "aliases/prod", new SetRef("2", first.Id));
        Assert.True((await Feed.ReadAsync(app)).Single(change => change.Subject == repo.View.Id).Sequence > before);
        Assert.Equal("2", await maintainer.Http.GetStringAsync($"{repo.Url}/files/prod/a.txt"));
        Assert.Equal(moved, await maintainer.Http.GetJsonAsync<RefView>($"{repo.Url}/aliases/prod"));
        Assert.Equal([moved], (await maintainer.Http.GetJsonAsync<Page<RefView>>($"{repo.Url}/aliases")).Items);

        Assert.Equal(HttpStatusCode.NoContent, (await maintainer.Http.DeleteAsync($"{repo.Url}/aliases/prod")).StatusCode);
        await maintainer.Http.GetAsync($"{repo.Url}/files/prod/a.txt").ShouldBeProblemAsync(404, "revision.unknown");
        var page = await maintainer.Http.GetJsonAsync<Page<AliasMoveView>>($"{repo.Url}/aliases/prod/history?limit=2");
        Assert.Equal([(second.Id, null), (first.Id, second.Id)], page.Items.Select(move => (move.From, move.To)));
        var rest = await maintainer.Http.GetJsonAsync<Page<AliasMoveView>>($"{repo.Url}/aliases/prod/history?after={page.Next}");
        Assert.Equal([(null, first.Id, maintainer.Name, "the first")], rest.Items.Select(move => (move.From, move.To, move.MovedBy, move.Message)));
        Assert.Null(rest.Next);
    }

    [Fact]
    public async Task Of_many_moves_of_an_alias_from_one_place_one_wins_and_is_noted()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        await repo.PushAsync(first.Id, ("a.txt", "2".Utf8()));
        await SetAsync(repo, "aliases/champion", new SetRef("1"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PutAsync(repo, "aliases/champion", new SetRef("2", first.Id))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal(2, (await ada.Http.GetJsonAsync<Page<AliasMoveView>>($"{repo.Url}/aliases/champion/history")).Items.Count);
    }

    [Fact]
    public async Task Branches_tags_and_aliases_share_one_set_of_names()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        await SetAsync(repo, "branches/b", new SetRef("1"));
        await SetAsync(repo, "tags/t", new SetRef("1", null, "because"));
        await SetAsync(repo, "aliases/a", new SetRef("1"));
        foreach (var (kind, others) in new[] { ("branches", "ta"), ("tags", "ba"), ("aliases", "bt") })
            foreach (var name in others)
            {
                await PutAsync(repo, $"{kind}/{name}", new SetRef("1")).ShouldBeProblemAsync(409, "ref.kind-taken");
                await repo.Http.DeleteAsync($"{repo.Url}/{kind}/{name}").ShouldBeProblemAsync(404, "ref.unknown");
            }
        await repo.Http.PostJsonAsync($"{repo.Url}/revisions", new CreateRevision("x", [new FileOperation("a.txt")], null, "a")).ShouldBeProblemAsync(409, "ref.kind-taken");
        Assert.Equal(["because"], (await repo.Http.GetJsonAsync<Page<RefView>>($"{repo.Url}/tags")).Items.Select(tag => tag.Message));
        await PutAsync(repo, "tags/u", new SetRef("1", null, new string('x', 1001))).ShouldBeProblemAsync(422, "ref.message-too-long");
    }

    private static Task<HttpResponseMessage> PutAsync(Repo repo, string reference, SetRef to) => repo.Http.PutAsJsonAsync($"{repo.Url}/{reference}", to, ZooJson.Options);

    private static async Task<RefView> SetAsync(Repo repo, string reference, SetRef to)
    {
        using var answer = await PutAsync(repo, reference, to);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.ReadAsync<RefView>();
    }

    private static string Migration(string name) => File.ReadAllText(Path.Combine(SharedFolder.Repository, "services", "Artifact", "Migrations", name + ".sql"));
}
