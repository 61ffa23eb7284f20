using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Revisions;

public sealed class RevisionTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_commit_upon_an_old_head_is_refused_and_told_the_new_one()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        var second = await repo.PushAsync(first.Id, ("a.txt", "2".Utf8()));
        var sha256 = await repo.PutBlobAsync("3".Utf8());
        foreach (var parent in new[] { null, first.Id, new string('0', 40), "main" })
        {
            var problem = await repo.TryCommitAsync(parent, "late", new FileOperation("a.txt", sha256)).ShouldBeProblemAsync(409, "revision.head-moved");
            Assert.Equal(second.Id, problem.GetProperty("head").GetString());
        }
    }

    [Fact]
    public async Task Of_many_commits_upon_one_parent_one_wins()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        var hashes = new List<string>();
        for (var i = 0; i < 100; i++) hashes.Add(await repo.PutBlobAsync($"racer {i}".Utf8()));
        var answers = await Task.WhenAll(hashes.Select(hash => repo.TryCommitAsync(first.Id, "race", new FileOperation("a.txt", hash))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(99, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        var log = await repo.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions");
        Assert.Equal([first.Id], log.Items.Skip(1).Select(revision => revision.Id));
    }

    [Fact]
    public async Task A_commit_that_changes_nothing_answers_the_head()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("w.bin", UploadTests.RandomBytes(100)), ("a.txt", "1".Utf8()));
        using var again = await repo.TryCommitAsync(first.Id, "again", new FileOperation("a.txt", Repo.Hash("1".Utf8())));
        await again.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(first, await again.ReadAsync<RevisionView>());
    }

    [Fact]
    public async Task A_revision_never_changes_when_later_ones_do()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a/b.txt", "1".Utf8()), ("a/c.txt", "2".Utf8()), ("d.txt", "3".Utf8()));
        var second = await repo.CommitAsync(first.Id, "less", new FileOperation("a/b.txt"), new FileOperation("a/c.txt"), new FileOperation("a", await repo.PutBlobAsync("now a file".Utf8())));
        Assert.Equal(["a", "d.txt"], (await repo.FilesAsync(second.Id)).Select(file => file.Path));
        Assert.Equal(["a/b.txt", "a/c.txt", "d.txt"], (await repo.FilesAsync(first.Id)).Select(file => file.Path));
        Assert.Equal((3, 3L), (first.FileCount, first.SizeBytes));
        Assert.Equal((2, 11L), (second.FileCount, second.SizeBytes));
        Assert.Equal("1", await repo.Http.GetStringAsync($"{repo.Url}/files/{first.Id}/a/b.txt"));
        await repo.TryCommitAsync(second.Id, "x", new FileOperation("a/b.txt")).ShouldBeProblemAsync(422, "path.invalid");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/abs")]
    [InlineData("../up")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("C:x")]
    [InlineData(".git/config")]
    [InlineData("sub/.GIT/hooks")]
    [InlineData("git~1/x")]
    [InlineData(".gitmodules")]
    [InlineData("a\0b")]
    [InlineData("a\r\nb")]
    [InlineData("a\u202Etxt")]
    [InlineData("a\u200Bb")]
    [InlineData("u\u0308.txt")]     // not NFC
    [InlineData("trailing.")]
    [InlineData("trailing /x")]
    public async Task A_path_that_could_escape_or_mislead_is_refused(string path)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var sha256 = await repo.PutBlobAsync("x".Utf8());
        await repo.TryCommitAsync(null, "x", new FileOperation(path, sha256)).ShouldBeProblemAsync(422, "path.invalid");
    }

    [Fact]
    public async Task Paths_at_and_beyond_the_limits_are_told_apart()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var sha256 = await repo.PutBlobAsync("x".Utf8());
        string Deep(int segments) => string.Join('/', Enumerable.Repeat("d", segments));
        foreach (var path in new[] { new string('n', 256), Deep(33), $"{string.Join('/', Enumerable.Repeat(new string('n', 204), 5))}/x" })
            await repo.TryCommitAsync(null, "x", new FileOperation(path, sha256)).ShouldBeProblemAsync(422, "path.invalid");
        await repo.CommitAsync(null, "x", new FileOperation(new string('n', 255), sha256), new FileOperation(Deep(32), sha256), new FileOperation("-rf", sha256));
    }

    [Theory]
    [InlineData("file", "FILE")]
    [InlineData("file", "ﬁle")]
    [InlineData("dir/a", "DIR/b")]
    [InlineData("name", "name/below")]
    [InlineData("ａ", "a")]
    public async Task Two_paths_that_other_systems_take_for_one_are_refused(string one, string other)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var sha256 = await repo.PutBlobAsync("x".Utf8());
        await repo.TryCommitAsync(null, "x", new FileOperation(one, sha256), new FileOperation(other, sha256)).ShouldBeProblemAsync(422, "path.invalid");
        var first = await repo.CommitAsync(null, "x", new FileOperation(one, sha256));
        await repo.TryCommitAsync(first.Id, "x", new FileOperation(other, sha256)).ShouldBeProblemAsync(422, "path.invalid");
    }

    [Fact]
    public async Task A_commit_that_says_too_little_or_too_much_is_refused()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var operation = new FileOperation("a", await repo.PutBlobAsync("x".Utf8()));
        await repo.TryCommitAsync(null, " ", operation).ShouldBeProblemAsync(422, "revision.message-invalid");
        await repo.TryCommitAsync(null, "a\0b", operation).ShouldBeProblemAsync(422, "revision.message-invalid");
        await repo.TryCommitAsync(null, "x").ShouldBeProblemAsync(422, "revision.too-many-operations");
        await repo.TryCommitAsync(null, "x", operation, operation).ShouldBeProblemAsync(422, "path.twice");
        await repo.TryCommitAsync(null, "x", operation with { Sha256 = "abc" }).ShouldBeProblemAsync(422, "blob.hash-invalid");
        await repo.Http.PostAsJsonAsync($"{repo.Url}/revisions", new { message = "x", operations = Array.Empty<int>(), extra = 1 }).ShouldBeProblemAsync(400, "request.invalid");
    }

    [Fact]
    public async Task A_thousand_files_are_one_commit_and_its_pages_are_complete_and_in_order()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var sha256 = await repo.PutBlobAsync("x".Utf8());
        var paths = Enumerable.Range(0, 1000).Select(i => i % 3 == 0 ? $"data.{i}" : $"data/{i % 7}/{i}.txt").ToList();
        var revision = await repo.CommitAsync(null, "many", [.. paths.Select(path => new FileOperation(path, sha256))]);
        Assert.Equal(1000, revision.FileCount);
        var listed = new List<string>();
        string? after = null;
        do
        {
            var page = await repo.Http.GetJsonAsync<Page<TreeEntryView>>($"{repo.Url}/tree/main?recursive=true&limit=77" + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}"));
            listed.AddRange(page.Items.Select(item => item.Path));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(paths.Order(StringComparer.Ordinal), listed);
        var root = await repo.Http.GetJsonAsync<Page<TreeEntryView>>($"{repo.Url}/tree/main?path=data");
        Assert.Equal(["folder"], root.Items.Select(item => item.Kind).Distinct());
        Assert.Equal(666, root.Items.Sum(item => item.SizeBytes));
        await repo.Http.GetAsync($"{repo.Url}/tree/main?path=nowhere").ShouldBeProblemAsync(404, "folder.unknown");
    }

    [Fact]
    public async Task A_log_is_complete_whatever_its_pages_are()
    {
        var (_, repo) = await app.ARepositoryAsync();
        Assert.Empty((await repo.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions")).Items);
        var made = new List<string>();
        for (var i = 0; i < 6; i++) made.Insert(0, (await repo.PushAsync(made.FirstOrDefault(), ("a.txt", $"{i}".Utf8()))).Id);
        foreach (var limit in new[] { 1, 2, 3, 5, 6, 7 })
        {
            var listed = new List<string>();
            string? after = null;
            do
            {
                var page = await repo.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions?limit={limit}" + (after is null ? "" : $"&after={after}"));
                listed.AddRange(page.Items.Select(item => item.Id));
                after = page.Next;
            }
            while (after is not null);
            Assert.Equal(made, listed);
        }
    }

    [Fact]
    public async Task Branches_and_tags_are_made_moved_and_deleted_by_those_who_may()
    {
        var acme = app.AnOrganisation();
        var (contributor, maintainer) = (app.AUser(acme), app.AUser(acme, Role.Maintainer));
        var repo = await contributor.CreateAsync(acme.Name, app.Fresh());
        var first = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        var second = await repo.PushAsync(first.Id, ("a.txt", "2".Utf8()));

        async Task<HttpResponseMessage> Set(Person who, string path, SetRef ask) => await who.Http.PutAsJsonAsync($"{repo.Url}/{path}", ask, ZooJson.Options);
        Assert.Equal(HttpStatusCode.OK, (await Set(contributor, "branches/next", new SetRef(first.Id))).StatusCode);
        await Set(contributor, "branches/next", new SetRef(second.Id, first.Id)).ShouldBeProblemAsync(403, "repository.role-needed");
        await Set(maintainer, "branches/next", new SetRef(second.Id, second.Id)).ShouldBeProblemAsync(409, "ref.moved");
        Assert.Equal(HttpStatusCode.OK, (await Set(maintainer, "branches/next", new SetRef("main", first.Id))).StatusCode);
        await Set(contributor, "tags/v1", new SetRef(first.Id)).ShouldBeProblemAsync(403, "repository.role-needed");
        Assert.Equal(HttpStatusCode.OK, (await Set(maintainer, "tags/v1", new SetRef(first.Id))).StatusCode);
        await Set(maintainer, "branches/v1", new SetRef(first.Id)).ShouldBeProblemAsync(409, "ref.kind-taken");
        await Set(maintainer, $"tags/{first.Id}", new SetRef(first.Id)).ShouldBeProblemAsync(422, "ref.name-invalid");
        await Set(maintainer, "tags/v2", new SetRef(new string('0', 40))).ShouldBeProblemAsync(404, "revision.unknown");
        Assert.Equal("1", await repo.Http.GetStringAsync($"{repo.Url}/files/v1/a.txt"));
        Assert.Equal(["main", "next"], (await repo.Http.GetJsonAsync<Page<RefView>>($"{repo.Url}/branches")).Items.Select(found => found.Name));
        await maintainer.Http.DeleteAsync($"{repo.Url}/branches/main").ShouldBeProblemAsync(409, "ref.main-stays");
        Assert.Equal(HttpStatusCode.NoContent, (await maintainer.Http.DeleteAsync($"{repo.Url}/tags/v1")).StatusCode);
        await repo.Http.GetAsync($"{repo.Url}/files/v1/a.txt").ShouldBeProblemAsync(404, "revision.unknown");
    }

    [Fact]
    public async Task The_feed_tells_each_repository_once_in_its_newest_state()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        var revision = await repo.PushAsync(null, ("a.txt", "1".Utf8()));
        var (_, gone) = await app.ARepositoryAsync();
        await gone.Http.DeleteAsync(gone.Url);
        var feed = await Feed.ReadAsync(app);
        var state = Assert.Single(feed, change => change.Subject == repo.View.Id).State!;
        Assert.Equal((revision.Id, owner.Name, OwnerKind.User), (state.Head, state.Owner, state.OwnerKind));
        Assert.Equal([$"user:{owner.Id}"], state.Readers);
        Assert.True(Assert.Single(feed, change => change.Subject == gone.View.Id) is { Deleted: true, State: null });
        await owner.Http.GetAsync("/internal/changes").ShouldBeProblemAsync(403, "not-allowed");
        var tree = await app.AService().GetJsonAsync<Page<TreeEntryView>>($"/internal/repositories/{repo.View.Id}/revisions/{revision.Id}/tree");
        Assert.Equal("a.txt", Assert.Single(tree.Items).Path);
        Assert.Equal("1", await app.AService().GetStringAsync($"/internal/repositories/{repo.View.Id}/revisions/main/files/a.txt"));
        await app.AService().GetAsync($"/internal/repositories/{gone.View.Id}/revisions/main/files/a.txt").ShouldBeProblemAsync(404, "revision.unknown");
    }
}
