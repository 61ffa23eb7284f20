using System.Net;
using Npgsql;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Repositories;

public sealed class MoveTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task An_old_name_leads_its_readers_to_the_new_one_and_is_missing_for_others()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("docs/a b.txt", "hello".Utf8()));
        var moved = await MoveAsync(repo, name: app.Fresh("new"));
        Assert.Equal(repo.View.Id, moved.View.Id);
        foreach (var rest in new[] { "", "/revisions?limit=5", "/tree/main?recursive=true", "/files/main/docs/a%20b.txt", "/branches", "/grants" })
            foreach (var method in rest.StartsWith("/files", StringComparison.Ordinal) ? new[] { HttpMethod.Get, HttpMethod.Head } : [HttpMethod.Get])
            {
                using var old = await ada.Http.SendAsync(new HttpRequestMessage(method, repo.Url + rest));
                await old.ShouldBeAsync(HttpStatusCode.TemporaryRedirect);
                Assert.Equal(moved.Url + rest, old.Headers.Location!.OriginalString);
                using var followed = await ada.Http.SendAsync(new HttpRequestMessage(method, old.Headers.Location));
                await followed.ShouldBeAsync(HttpStatusCode.OK);
            }
        foreach (var http in new[] { app.AUser().Http, app.Anonymous() })
            foreach (var rest in new[] { "", "/revisions", "/files/main/docs/a%20b.txt" })
                Assert.Equal(
                    await http.GetAsync($"/api/v1/repositories/{repo.View.Owner}/never-there{rest}").ShapeAsync("never-there"),
                    await http.GetAsync(repo.Url + rest).ShapeAsync(repo.View.Name));
        // Writes do not follow: whoever writes shall know where to.
        await repo.TryCommitAsync(null, "x", new FileOperation("a", new string('0', 64))).ShouldBeProblemAsync(404, "repository.unknown");
        // The feed tells the name by the same id.
        Assert.Equal(moved.View.Name, (await Feed.ReadAsync(app)).Single(change => change.Subject == repo.View.Id).State!.Name);
    }

    [Fact]
    public async Task Clients_of_OCI_and_of_Git_LFS_are_led_to_the_new_name_too()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var weights = new byte[70_000];
        await repo.PushAsync(null, ("w.onnx", weights));
        var moved = await MoveAsync(repo, name: app.Fresh("new"));
        var (old, now) = ($"{repo.View.Owner}/{repo.View.Name}", $"{moved.View.Owner}/{moved.View.Name}");
        foreach (var rest in new[] { "manifests/main", $"blobs/sha256:{Repo.Hash(weights)}", "tags/list?n=2", $"referrers/sha256:{Repo.Hash(weights)}" })
        {
            using var led = await ada.Http.GetAsync($"/v2/{old}/{rest}");
            Assert.Equal((HttpStatusCode.TemporaryRedirect, $"/v2/{now}/{rest}"), (led.StatusCode, led.Headers.Location?.OriginalString));
            using var followed = await ada.Http.GetAsync(led.Headers.Location);
            await followed.ShouldBeAsync(HttpStatusCode.OK);
        }
        foreach (var operation in new[] { "download", "upload" })
        {
            using var led = await repo.TryBatchAsync(operation, (Repo.Hash(weights), weights.Length));
            Assert.Equal((HttpStatusCode.TemporaryRedirect, $"/{now}.git/info/lfs/objects/batch"), (led.StatusCode, led.Headers.Location?.OriginalString));
            using var followed = await moved.TryBatchAsync(operation, (Repo.Hash(weights), weights.Length));
            await followed.ShouldBeAsync(HttpStatusCode.OK);
        }
        foreach (var http in new[] { app.AUser().Http, app.Anonymous() })
        {
            Assert.Equal(
                await http.GetAsync($"/v2/{repo.View.Owner}/never-there/manifests/main").ShapeAsync("never-there"),
                await http.GetAsync($"/v2/{old}/manifests/main").ShapeAsync(repo.View.Name));
            Assert.Equal(
                await http.PostLfsAsync($"/{repo.View.Owner}/never-there.git/info/lfs/objects/batch", new { operation = "download" }).ShapeAsync("never-there"),
                await http.PostLfsAsync($"/{old}.git/info/lfs/objects/batch", new { operation = "download" }).ShapeAsync(repo.View.Name));
        }
    }

    [Fact]
    public async Task Names_in_a_row_all_lead_to_the_last_and_a_way_back_makes_no_circle()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var second = await MoveAsync(repo, name: app.Fresh("second"));
        var third = await MoveAsync(second, name: app.Fresh("third"));
        foreach (var old in new[] { repo, second })
        {
            using var answer = await ada.Http.GetAsync(old.Url);
            Assert.Equal(third.Url, answer.Headers.Location?.OriginalString);
        }
        await MoveAsync(third, name: repo.View.Name);
        Assert.Equal(repo.View.Id, (await ada.Http.GetJsonAsync<RepositoryView>(repo.Url)).Id);
        using var back = await ada.Http.GetAsync(second.Url);
        Assert.Equal(repo.Url, back.Headers.Location?.OriginalString);
        // The case of a name may change; that is no other name.
        var cased = await MoveAsync(repo, name: repo.View.Name.ToUpperInvariant());
        Assert.Equal(repo.View.Name.ToUpperInvariant(), (await ada.Http.GetJsonAsync<RepositoryView>(repo.Url)).Name);
        // A new repository of the owner's takes the name over, and hides what it led to.
        await MoveAsync(cased, name: app.Fresh("away"));
        var next = await ada.CreateAsync(ada.Name, repo.View.Name);
        Assert.Equal(next.View.Id, (await ada.Http.GetJsonAsync<RepositoryView>(repo.Url)).Id);
    }

    [Fact]
    public async Task Maintainers_rename_and_only_who_owns_both_sides_moves_between_owners()
    {
        var acme = app.AnOrganisation();
        var other = app.AnOrganisation();
        var (owner, maintainer) = (app.AUser(acme, Role.Owner), app.AUser(acme, Role.Maintainer));
        var repo = await owner.CreateAsync(acme.Name, app.Fresh());
        await TryAsync(repo.As(app.AUser(acme)), name: "x").ShouldBeProblemAsync(403, "repository.role-needed");
        await TryAsync(repo.As(app.AUser()), name: "x").ShouldBeProblemAsync(404, "repository.unknown");
        await TryAsync(repo.As(maintainer), owner: maintainer.Name).ShouldBeProblemAsync(403, "repository.role-needed");
        await TryAsync(repo, owner: other.Name).ShouldBeProblemAsync(403, "owner.not-yours");
        await TryAsync(repo, owner: "nobody-here").ShouldBeProblemAsync(403, "owner.not-yours");
        await TryAsync(repo, name: "a--b").ShouldBeProblemAsync(422, "repository.name-invalid");
        await owner.CreateAsync(acme.Name, "taken");
        await TryAsync(repo, name: "Taken").ShouldBeProblemAsync(409, "repository.name-taken");

        var renamed = await MoveAsync(repo.As(maintainer), name: app.Fresh("renamed"));
        var moved = await MoveAsync(renamed.As(owner), owner: owner.Name);
        Assert.Equal((owner.Name, Role.Owner), (moved.View.Owner, moved.View.Role));
        // It is the new owner's now: who could read it as a member of the old one can no more.
        await maintainer.Http.GetAsync(moved.Url).ShouldBeProblemAsync(404, "repository.unknown");
        await maintainer.Http.GetAsync(repo.Url).ShouldBeProblemAsync(404, "repository.unknown");
        var state = (await Feed.ReadAsync(app)).Single(change => change.Subject == repo.View.Id).State!;
        Assert.Equal((owner.Id, OwnerKind.User, owner.Name), (state.OwnerId, state.OwnerKind, state.Owner));
        Assert.Equal([$"user:{owner.Id}"], state.Readers);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("rename")]
    [InlineData("move")]
    [InlineData("owner deleted")]
    [InlineData("owner renamed")]
    public async Task A_name_never_passes_to_another_owner(string by)
    {
        app.Identity.FeedRuns = true;
        var acme = app.AnOrganisation();
        var ada = app.AUser(acme, Role.Owner);
        var repo = await ada.CreateAsync(acme.Name, "kit", Visibility.Public);
        await EventuallyKnownAsync(acme.Id, acme.Name);
        switch (by)
        {
            case "delete": await ada.Http.DeleteAsync(repo.Url); break;
            case "rename": await MoveAsync(repo, name: "other"); break;
            case "move": await MoveAsync(repo, owner: ada.Name); break;
        }
        if (by == "owner deleted") app.Identity.Delete(acme.Id);
        else app.Identity.Put(acme.Id, OwnerKind.Organisation, app.Fresh("renamed"));
        await EventuallyKnownAsync(acme.Id, null, acme.Name);

        // Identity never gives a name twice; should it once, the repository's name still does not pass on.
        var rival = new Organisation(Guid.CreateVersion7(), acme.Name);
        app.Identity.Put(rival.Id, OwnerKind.Organisation, rival.Name);
        await EventuallyKnownAsync(rival.Id, rival.Name);
        var eve = app.AUser(rival, Role.Owner);
        await eve.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(rival.Name, "KIT")).ShouldBeProblemAsync(409, "repository.name-retired");   // create
        var hers = await eve.CreateAsync(rival.Name, "mine");
        await TryAsync(hers, name: "kit").ShouldBeProblemAsync(409, "repository.name-retired");   // rename
        var own = await eve.CreateAsync(eve.Name, "kit");
        await TryAsync(own, owner: rival.Name).ShouldBeProblemAsync(409, "repository.name-retired");   // move
        Assert.Equal("mine", (await eve.Http.GetJsonAsync<RepositoryView>(hers.Url)).Name);   // refused moves change nothing
        // Who comes to the name by the owner's name alone is not found under it.
        var late = new Organisation(Guid.CreateVersion7(), app.Fresh("late"));
        app.Identity.Put(late.Id, OwnerKind.Organisation, late.Name);
        var mallory = app.AUser(late, Role.Owner);
        await mallory.CreateAsync(late.Name, "kit", Visibility.Public);
        await EventuallyKnownAsync(late.Id, late.Name);
        app.Identity.Put(rival.Id, OwnerKind.Organisation, app.Fresh("gone"));
        app.Identity.Put(late.Id, OwnerKind.Organisation, acme.Name);
        await EventuallyKnownAsync(late.Id, acme.Name);
        using var asked = await app.Anonymous().GetAsync(repo.Url);
        Assert.True(asked.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.TemporaryRedirect, asked.StatusCode.ToString());
        if (by is "delete" or "owner deleted") Assert.Equal(HttpStatusCode.NotFound, asked.StatusCode);
        else Assert.Equal(repo.View.Id, (await app.Anonymous().GetJsonAsync<RepositoryView>(asked.Headers.Location!.OriginalString)).Id);
    }

    private static Task<HttpResponseMessage> TryAsync(Repo repo, string? owner = null, string? name = null) =>
        repo.Http.PostJsonAsync($"{repo.Url}/move", new MoveTo(owner, name));

    private static async Task<Repo> MoveAsync(Repo repo, string? owner = null, string? name = null)
    {
        using var answer = await TryAsync(repo, owner, name);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return repo with { View = await answer.ReadAsync<RepositoryView>() };
    }

    /// <summary>Waits until the replica has the owner under this name, or no more under another.</summary>
    private async Task EventuallyKnownAsync(Guid id, string? name, string? not = null)
    {
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync();
        for (var i = 0; i < 200; i++)
        {
            await using var command = new NpgsqlCommand("select name from owners where id = $1 and not deleted", connection) { Parameters = { new() { Value = id } } };
            var known = await command.ExecuteScalarAsync() as string;
            if (name is null ? known != not : known == name) return;
            await Task.Delay(50);
        }
        Assert.Fail($"The replica did not hear of {name ?? not} within 10 s.");
    }
}
