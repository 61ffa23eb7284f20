using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Repositories;

public sealed class RepositoryTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_new_repository_is_private_and_empty_and_its_makers_own()
    {
        var ada = app.AUser();
        var repo = await ada.CreateAsync(ada.Name, "Resnet-50");
        var seen = await ada.Http.GetJsonAsync<RepositoryView>($"/api/v1/repositories/{ada.Name.ToUpperInvariant()}/resnet-50");
        Assert.Equal(repo.View, seen);
        Assert.Equal((Visibility.Private, null, Role.Owner, "Resnet-50"), (seen.Visibility, seen.Head, seen.Role, seen.Name));
        Assert.Equal(500_000_000_000, seen.MaxFileBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("-rf")]
    [InlineData("a--b")]
    [InlineData("a..b")]
    [InlineData("a/b")]
    [InlineData("../up")]
    [InlineData("end.")]
    [InlineData("end-")]
    [InlineData("kit.git")]
    [InlineData("kit.LOCK")]
    [InlineData("kаt")]       // a Cyrillic letter
    [InlineData("Models")]
    [InlineData("infer")]
    [InlineData("a b")]
    [InlineData("line\nbreak")]
    public async Task A_name_that_could_mislead_is_refused(string name)
    {
        var ada = app.AUser();
        await ada.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(ada.Name, name)).ShouldBeProblemAsync(422, "repository.name-invalid");
    }

    [Fact]
    public async Task Names_are_unique_without_regard_to_case()
    {
        var ada = app.AUser();
        await ada.CreateAsync(ada.Name, "Kit");
        await ada.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(ada.Name, "kIT")).ShouldBeProblemAsync(409, "repository.name-taken");
    }

    [Fact]
    public async Task One_creates_only_where_one_is_contributor_and_learns_nothing_elsewhere()
    {
        var acme = app.AnOrganisation();
        var (reader, contributor) = (app.AUser(acme, Role.Reader), app.AUser(acme, Role.Contributor));
        await contributor.CreateAsync(acme.Name, app.Fresh());
        var refused = await reader.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(acme.Name, "x")).ShapeAsync(acme.Name);
        var unknown = await reader.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository("nobody", "x")).ShapeAsync("nobody");
        Assert.Equal(unknown, refused);
        Assert.StartsWith("403", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hidden_repository_answers_byte_for_byte_like_a_missing_one()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        await hidden.PushAsync(null, ("README.md", "secret".Utf8()));
        var missing = new RepositoryView(default, hidden.View.Owner, "missing-1", default, null, null, null, default, default);
        string[] paths = ["", "/revisions", "/revisions/main", "/tree/main", "/branches", "/tags", "/files/main/README.md", "/grants"];
        foreach (var http in new[] { app.AUser().Http, app.Anonymous() })
            foreach (var path in paths)
                Assert.Equal(
                    await http.GetAsync($"/api/v1/repositories/{missing.Owner}/{missing.Name}{path}").ShapeAsync(missing.Name),
                    await http.GetAsync($"{hidden.Url}{path}").ShapeAsync(hidden.View.Name));
    }

    [Fact]
    public async Task Who_may_not_read_it_can_not_change_it_either()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        var eve = app.AUser();
        await eve.Http.DeleteAsync(hidden.Url).ShouldBeProblemAsync(404, "repository.unknown");
        await eve.Http.PatchAsJsonAsync(hidden.Url, new UpdateRepository(Visibility.Public), ZooJson.Options).ShouldBeProblemAsync(404, "repository.unknown");
        await hidden.As(eve).TryCommitAsync(null, "x", new FileOperation("a", new string('0', 64))).ShouldBeProblemAsync(404, "repository.unknown");
        await eve.Http.PutAsync($"{hidden.Url}/blobs/{new string('0', 64)}", new ByteArrayContent([])).ShouldBeProblemAsync(404, "repository.unknown");
    }

    [Fact]
    public async Task Each_visibility_shows_a_repository_to_exactly_those_it_names()
    {
        var acme = app.AnOrganisation();
        var owner = app.AUser(acme, Role.Owner);
        HttpClient member = app.AUser(acme, Role.Reader).Http, signedIn = app.AUser().Http, guest = app.AUser(guest: true).Http, anybody = app.Anonymous();
        var repo = await owner.CreateAsync(acme.Name, app.Fresh());
        foreach (var (visibility, seers) in new (Visibility, HttpClient[])[]
            { (Visibility.Internal, [member, signedIn]), (Visibility.Public, [member, signedIn, guest, anybody]), (Visibility.Private, [member]) })
        {
            using var changed = await owner.Http.PatchAsJsonAsync(repo.Url, new UpdateRepository(visibility), ZooJson.Options);
            await changed.ShouldBeAsync(HttpStatusCode.OK);
            foreach (var http in new[] { member, signedIn, guest, anybody })
            {
                var sees = seers.Contains(http);
                Assert.Equal(sees ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await http.GetAsync(repo.Url)).StatusCode);
                var listed = await http.GetJsonAsync<Page<RepositoryView>>($"/api/v1/repositories?owner={acme.Name}");
                Assert.Equal(sees ? 1 : 0, listed.Items.Count);
            }
        }
    }

    [Fact]
    public async Task Roles_decide_who_may_change_what()
    {
        var acme = app.AnOrganisation();
        var (reader, contributor, maintainer) = (app.AUser(acme, Role.Reader), app.AUser(acme), app.AUser(acme, Role.Maintainer));
        var repo = await contributor.CreateAsync(acme.Name, app.Fresh());
        await repo.As(reader).TryCommitAsync(null, "x", new FileOperation("a", new string('0', 64))).ShouldBeProblemAsync(403, "repository.role-needed");
        await contributor.Http.DeleteAsync(repo.Url).ShouldBeProblemAsync(403, "repository.role-needed");
        await maintainer.Http.PatchAsJsonAsync(repo.Url, new UpdateRepository(Visibility.Public), ZooJson.Options).ShouldBeProblemAsync(403, "repository.role-needed");
        using var described = await maintainer.Http.PatchAsJsonAsync(repo.Url, new UpdateRepository(null, "fine"), ZooJson.Options);
        Assert.Equal("fine", (await described.ReadAsync<RepositoryView>()).Description);
        Assert.Equal(HttpStatusCode.NoContent, (await maintainer.Http.DeleteAsync(repo.Url)).StatusCode);
        await maintainer.Http.GetAsync(repo.Url).ShouldBeProblemAsync(404, "repository.unknown");
    }

    [Fact]
    public async Task A_grant_opens_one_repository_to_one_user_until_it_is_taken_back()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        var ben = app.AUser();
        using (var set = await owner.Http.PutAsJsonAsync($"{repo.Url}/grants/{ben.Name}", new SetGrant(Role.Contributor), ZooJson.Options))
            await set.ShouldBeAsync(HttpStatusCode.OK);
        await repo.As(ben).PushAsync(null, ("a.txt", "a".Utf8()));
        Assert.Equal(Role.Contributor, (await ben.Http.GetJsonAsync<RepositoryView>(repo.Url)).Role);
        await ben.Http.GetAsync($"{repo.Url}/grants").ShouldBeProblemAsync(403, "repository.role-needed");
        Assert.Equal(ben.Name, Assert.Single((await owner.Http.GetJsonAsync<Page<GrantView>>($"{repo.Url}/grants")).Items).UserName);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.Http.DeleteAsync($"{repo.Url}/grants/{ben.Name}")).StatusCode);
        await ben.Http.GetAsync(repo.Url).ShouldBeProblemAsync(404, "repository.unknown");
    }

    [Fact]
    public async Task A_deleted_name_is_free_for_its_owner_but_never_for_another()
    {
        app.Identity.FeedRuns = true;
        var acme = app.AnOrganisation();
        var ada = app.AUser(acme, Role.Owner);
        var repo = await ada.CreateAsync(acme.Name, "kit");
        await ada.Http.DeleteAsync(repo.Url);
        await ada.CreateAsync(acme.Name, "kit");

        // The organisation goes, and another takes its name.
        app.Identity.Delete(acme.Id);
        await EventuallyAsync(async () => (await ada.Http.GetAsync(repo.Url)).StatusCode == HttpStatusCode.NotFound);
        var heir = new Organisation(Guid.CreateVersion7(), acme.Name);
        app.Identity.Put(heir.Id, OwnerKind.Organisation, heir.Name);
        var eve = app.Again(app.AUser(), heir, Role.Owner);
        await eve.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(acme.Name, "KIT")).ShouldBeProblemAsync(409, "repository.name-retired");
    }

    [Fact]
    public async Task A_renamed_owner_takes_the_repositories_along_and_the_feed_tells()
    {
        app.Identity.FeedRuns = true;
        var acme = app.AnOrganisation();
        var ada = app.AUser(acme);
        var repo = await ada.CreateAsync(acme.Name, "kit");
        var renamed = app.Fresh("renamed");
        app.Identity.Put(acme.Id, OwnerKind.Organisation, renamed);
        await EventuallyAsync(async () => (await ada.Http.GetAsync($"/api/v1/repositories/{renamed}/kit")).StatusCode == HttpStatusCode.OK);
        await EventuallyAsync(async () => (await Feed.ReadAsync(app)).Last(change => change.Subject == repo.View.Id).State!.Owner == renamed);
    }

    [Fact]
    public async Task A_list_is_complete_and_without_doubles_whatever_its_pages_are()
    {
        var ada = app.AUser();
        for (var i = 0; i < 7; i++) await ada.CreateAsync(ada.Name, $"kit-{i}");
        var names = new List<string>();
        string? after = null;
        do
        {
            var page = await ada.Http.GetJsonAsync<Page<RepositoryView>>($"/api/v1/repositories?owner={ada.Name}&limit=3" + (after is null ? "" : $"&after={after}"));
            names.AddRange(page.Items.Select(item => item.Name));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"kit-{i}"), names);
    }

    [Fact]
    public async Task A_token_for_one_repository_shows_no_other()
    {
        var ada = app.AUser();
        var (one, other) = (await ada.CreateAsync(ada.Name, app.Fresh()), await ada.CreateAsync(ada.Name, app.Fresh()));
        var narrowed = app.Again(ada, null, only: [one.View.Id]);
        Assert.Equal(one.View.Id, Assert.Single((await narrowed.Http.GetJsonAsync<Page<RepositoryView>>("/api/v1/repositories")).Items).Id);
        await narrowed.Http.GetAsync(other.Url).ShouldBeProblemAsync(404, "repository.unknown");
        await narrowed.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(ada.Name, app.Fresh())).ShouldBeProblemAsync(403, "owner.not-yours");
    }

    [Fact]
    public async Task What_other_hubs_offer_and_this_one_does_not_is_501_in_JSON()
    {
        using var answer = await app.Anonymous().GetAsync("/api/daily_papers");
        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains("/api/v1", (await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>())!["error"], StringComparison.Ordinal);
        await app.Anonymous().GetAsync("/api/v1/nothing").ShouldBeProblemAsync(404, "not-found");
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 100; i++)
        {
            if (await condition()) return;
            await Task.Delay(50);
        }
        Assert.Fail("It did not come to pass within 5 s.");
    }
}
