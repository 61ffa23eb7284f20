using System.Net;
using System.Text;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.HubProtocol;

public sealed class WriteTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _weights = UploadTests.RandomBytes(20_000);

    [Fact]
    public async Task A_commit_of_the_hub_makes_the_trees_that_the_zoos_own_makes()
    {
        var ((_, hub), (_, own)) = (await app.ARepositoryAsync(), await app.ARepositoryAsync());
        await hub.PutBlobAsync(_weights);
        await hub.HubCommitAsync("main", Hub.Header("first"), Hub.File("README.md", "# A\n".Utf8()), Hub.File("sub/\u00fc.txt", "\u00fc".Utf8()), Hub.LfsFile("sub/w.bin", _weights));
        await own.PushAsync(null, ("README.md", "# A\n".Utf8()), ("sub/\u00fc.txt", "\u00fc".Utf8()), ("sub/w.bin", _weights));
        var (made, same) = (await hub.Http.GetJsonAsync<RevisionView>($"{hub.Url}/revisions/main"), await own.Http.GetJsonAsync<RevisionView>($"{own.Url}/revisions/main"));
        Assert.Equal((same.Tree, same.FileCount, "first"), (made.Tree, made.FileCount, made.Message));
        Assert.Equal(_weights, await hub.Http.GetByteArrayAsync($"{hub.WebUrl()}/resolve/main/sub/w.bin"));
    }

    [Fact]
    public async Task Files_are_deleted_copied_and_replaced_in_one_commit_and_nothing_changed_is_no_commit()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PutBlobAsync(_weights);
        var first = await repo.HubCommitAsync("main", Hub.Header("one"), Hub.File("a.txt", "a".Utf8()), Hub.File("d/b.txt", "b".Utf8()), Hub.File("d/e/c.txt", "c".Utf8()), Hub.LfsFile("w.bin", _weights));
        var second = await repo.HubCommitAsync("main", Hub.Header("two\n", first), Hub.Deleted("a.txt"), new { key = "deletedFolder", value = new { path = "d/" } },
            new { key = "lfsFile", value = new { path = "copy.bin", algo = "sha256", oid = Repo.Hash(_weights) } },
            new { key = "lfsFile", value = new { path = "copy2.bin", oldPath = "w.bin" } }, Hub.File("d/b.txt", "new".Utf8()),
            new { key = "file", value = new { path = "plain.txt", content = "h\u00e9llo \"you\"\n", encoding = "utf-8" } });
        Assert.Equal([".gitattributes", "copy.bin", "copy2.bin", "d/b.txt", "plain.txt", "w.bin"], (await repo.FilesAsync(second)).Select(file => file.Path));
        Assert.Equal("h\u00e9llo \"you\"\n", await repo.Http.GetStringAsync($"{repo.WebUrl()}/resolve/main/plain.txt"));
        Assert.Equal("new", await repo.Http.GetStringAsync($"{repo.WebUrl()}/resolve/main/d/b.txt"));
        Assert.Equal(second, await repo.HubCommitAsync("main", Hub.Header("three"), Hub.File("d/b.txt", "new".Utf8())));
        Assert.Equal(second, await repo.HubCommitAsync("HEAD", Hub.Header("four")));
    }

    [Fact]
    public async Task Large_files_come_inline_without_being_held_in_memory()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (large, text) = (UploadTests.RandomBytes(9_000_000), string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i} \u00e9\u4e2d\ud83d\ude00 \"quoted\" \\ \t/\n")));
        var escaped = JsonSerializer.Serialize(text).Replace("/", "\\/", StringComparison.Ordinal);   // escapes of every kind, also those that nobody needs
        var body = $"{JsonSerializer.Serialize(Hub.Header("large"))}\r\n{JsonSerializer.Serialize(Hub.File("large.bin", large))}\n\n"
            + $"{{\"key\":\"file\",\"value\":{{\"path\":\"text.txt\",\"encoding\":\"utf-8\",\"content\":{escaped}}}}}";
        using var answer = await repo.Http.PostAsync($"{repo.HubUrl()}/commit/main", new StringContent(body, Encoding.UTF8, "application/x-ndjson"));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(Repo.Hash(large), Repo.Hash(await repo.Http.GetByteArrayAsync($"{repo.WebUrl()}/resolve/main/large.bin")));
        Assert.Equal(text, await repo.Http.GetStringAsync($"{repo.WebUrl()}/resolve/main/text.txt"));
        Assert.Equal(0, app.StoredFiles("temporary"));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("{\"key\":\"file\"}")]
    [InlineData("{\"key\":\"teleport\",\"value\":{\"path\":\"a\"}}")]
    [InlineData("{\"key\":\"file\",\"value\":{\"path\":\"a\"}}")]
    [InlineData("{\"key\":\"file\",\"value\":{\"path\":\"a\",\"content\":\"QUJ\"}}")]
    [InlineData("{\"key\":\"file\",\"value\":{\"path\":\"a\",\"content\":\"!!!!\"}}")]
    [InlineData("{\"key\":\"file\",\"value\":{\"path\":\"a\",\"content\":\"QUJD\",\"encoding\":\"rot13\"}}")]
    [InlineData("{\"key\":\"lfsFile\",\"value\":{\"path\":\"a\",\"oid\":\"../../x\"}}")]
    [InlineData("{\"key\":\"lfsFile\",\"value\":{\"path\":\"a\",\"algo\":\"md5\",\"oid\":\"00\"}}")]
    [InlineData("{\"key\":\"header\",\"value\":{\"summary\":\"\"}}")]
    public async Task What_is_no_commit_is_refused_and_makes_none(string line)
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.Http.PostAsync($"{repo.HubUrl()}/commit/main", new StringContent($"{JsonSerializer.Serialize(Hub.Header("x"))}\n{line}\n")).ShouldBeRefusedAsync(400);
        Assert.Equal(0, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/commits/main")).GetArrayLength());
    }

    [Fact]
    public async Task Long_strings_are_held_to_the_same_rules_as_short_ones()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var padding = new string('x', 100_000);
        await repo.TryHubCommitAsync("main", Hub.Header(padding), Hub.File("a.txt", [1])).ShouldBeHubErrorAsync(400, "BadRequest");
        await repo.TryHubCommitAsync("main", Hub.Header("x"), Hub.File(padding, [1])).ShouldBeHubErrorAsync(400, "BadRequest");
        foreach (var content in new[] { "\\u12", "\\ud83d", "\\udc00", "\\q", "\n", "\u0001" })
            await repo.Http.PostAsync($"{repo.HubUrl()}/commit/main", new StringContent(
                $"{JsonSerializer.Serialize(Hub.Header("x"))}\n{{\"key\":\"file\",\"value\":{{\"path\":\"a\",\"encoding\":\"utf-8\",\"content\":\"{padding}{content}\"}}}}")).ShouldBeRefusedAsync(400);
        Assert.Equal(0, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/commits/main")).GetArrayLength());
        Assert.Equal(0, app.StoredFiles("temporary"));
    }

    [Theory]
    [InlineData("../e")]
    [InlineData("/abs")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData(".git/config")]
    [InlineData("a\u202Eb")]
    [InlineData("a//b")]
    [InlineData("a\r\nb")]
    [InlineData("x/")]
    public async Task A_path_that_could_harm_whoever_pulls_is_refused_before_and_at_the_commit(string path)
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.TryHubCommitAsync("main", Hub.Header("x"), Hub.File(path, [1])).ShouldBeHubErrorAsync(400, "BadRequest");
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/preupload/main", new { files = new[] { new { path, size = 1, sample = "QQ==" } } }).ShouldBeHubErrorAsync(400, "BadRequest");
    }

    [Fact]
    public async Task Content_that_the_caller_may_not_use_is_no_content()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        await hidden.PushAsync(null, ("w.bin", _weights));
        var (_, mine) = await app.ARepositoryAsync();
        using var refused = await mine.TryHubCommitAsync("main", Hub.Header("x"), Hub.LfsFile("stolen.bin", _weights)).ShouldBeHubErrorAsync(400, "BadRequest");
        Assert.Contains("stolen.bin", refused.One("X-Error-Message")!, StringComparison.Ordinal);
        // Another size than the bytes have tells nothing of them either.
        using var sized = await mine.TryHubCommitAsync("main", Hub.Header("x"),
            new { key = "lfsFile", value = new { path = "stolen.bin", algo = "sha256", oid = Repo.Hash(_weights), size = 1 } }).ShouldBeHubErrorAsync(400, "BadRequest");
        Assert.Equal(refused.One("X-Error-Message"), sized.One("X-Error-Message"));
        await mine.PutBlobAsync(_weights);
        await mine.TryHubCommitAsync("main", Hub.Header("x"), new { key = "lfsFile", value = new { path = "w.bin", algo = "sha256", oid = Repo.Hash(_weights), size = 1 } }).ShouldBeHubErrorAsync(400, "BadRequest");
        await mine.HubCommitAsync("main", Hub.Header("x"), Hub.LfsFile("w.bin", _weights));
    }

    [Fact]
    public async Task A_parent_that_is_not_the_head_is_refused_and_without_one_commits_queue_up()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.HubCommitAsync("main", Hub.Header("0"), Hub.File("a.txt", "0".Utf8()));
        var raced = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => repo.TryHubCommitAsync("main", Hub.Header($"{i}", first), Hub.File($"{i}.txt", [(byte)('0' + i)]))));
        Assert.Equal((1, 7), (raced.Count(answer => answer.StatusCode == HttpStatusCode.OK), raced.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed)));
        var queued = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => repo.TryHubCommitAsync("main", Hub.Header($"q{i}"), Hub.File($"q{i}.txt", [(byte)('0' + i)]))));
        Assert.All(queued, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(8, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/commits/main")).GetArrayLength());
        await repo.HubCommitAsync("main", Hub.Header("short", (await HeadAsync(repo))[..7]), Hub.File("s.txt", "s".Utf8()));
        await repo.TryHubCommitAsync("main", Hub.Header("short", "0000000"), Hub.File("s.txt", "t".Utf8())).ShouldBeHubErrorAsync(412, "PreconditionFailed");
    }

    [Fact]
    public async Task A_commit_goes_to_a_branch_that_is_there()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.HubCommitAsync("main", Hub.Header("0"), Hub.File("a.txt", "0".Utf8()));
        await repo.TryHubCommitAsync("nope", Hub.Header("x"), Hub.File("a.txt", "1".Utf8())).ShouldBeHubErrorAsync(404, "RevisionNotFound");
        await repo.TryHubCommitAsync(first, Hub.Header("x"), Hub.File("a.txt", "1".Utf8())).ShouldBeHubErrorAsync(400, "BadRequest");
        await repo.TryHubCommitAsync("main?create_pr=1", Hub.Header("x"), Hub.File("a.txt", "1".Utf8())).ShouldBeHubErrorAsync(501, "NotImplemented");
        await repo.TryHubCommitAsync("main", Hub.Header("x"), Hub.Deleted("never.txt")).ShouldBeHubErrorAsync(404, "EntryNotFound");
        await repo.TryHubCommitAsync("main", Hub.Header("x"), new { key = "deletedFolder", value = new { path = "never" } }).ShouldBeHubErrorAsync(404, "EntryNotFound");

        await MadeAsync(repo, "branch/next", new { });
        await repo.HubCommitAsync("next", Hub.Header("x"), Hub.File("a.txt", "1".Utf8()));
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/branch/next", new { }).ShouldBeHubErrorAsync(409, "Conflict");
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/branch/other", new { startingPoint = "nope" }).ShouldBeHubErrorAsync(404, "RevisionNotFound");
        await MadeAsync(repo, "tag/next", new { tag = "v1", message = "first" });
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/tag/main", new { tag = "v1" }).ShouldBeHubErrorAsync(409, "Conflict");
        await repo.TryHubCommitAsync("v1", Hub.Header("x"), Hub.File("a.txt", "2".Utf8())).ShouldBeHubErrorAsync(400, "BadRequest");
        await (await repo.Http.DeleteAsync($"{repo.HubUrl()}/tag/v1")).ShouldBeAsync(HttpStatusCode.OK);
        await (await repo.Http.DeleteAsync($"{repo.HubUrl()}/branch/next")).ShouldBeAsync(HttpStatusCode.OK);
        await repo.Http.DeleteAsync($"{repo.HubUrl()}/branch/next").ShouldBeHubErrorAsync(404, "RevisionNotFound");
        await repo.Http.DeleteAsync($"{repo.HubUrl()}/branch/main").ShouldBeHubErrorAsync(403, null);
    }

    [Fact]
    public async Task A_super_squashed_branch_is_one_commit_with_the_same_files()
    {
        var acme = app.AnOrganisation();
        var (maintainer, contributor) = (app.AUser(acme, Role.Maintainer), app.AUser(acme));
        var repo = await maintainer.CreateAsync(acme.Name, app.Fresh());
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/super-squash/main", new { message = "x" }).ShouldBeHubErrorAsync(404, "RevisionNotFound");
        var first = await repo.HubCommitAsync("main", Hub.Header("one"), Hub.File("a.txt", "a".Utf8()));
        using (var branch = await repo.Http.PostTextAsync($"{repo.HubUrl()}/branch/feature", new { startingPoint = first })) await branch.ShouldBeAsync(HttpStatusCode.OK);
        await repo.HubCommitAsync("feature", Hub.Header("two"), Hub.File("b.txt", "b".Utf8()));
        await contributor.Http.PostTextAsync($"{repo.HubUrl()}/super-squash/main", new { message = "x" }).ShouldBeHubErrorAsync(403, null);
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/super-squash/nothing", new { message = "x" }).ShouldBeHubErrorAsync(404, "RevisionNotFound");
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/super-squash/main", new { message = "a\0b" }).ShouldBeRefusedAsync(400);
        using var answer = await repo.Http.PostTextAsync($"{repo.HubUrl()}/super-squash/feature", new { message = "Super-squash branch 'feature' using huggingface_hub" });
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var log = (await repo.Http.GetHubAsync($"{repo.HubUrl()}/commits/feature")).EnumerateArray().ToList();
        Assert.Equal(["Super-squash branch 'feature' using huggingface_hub"], log.Select(commit => commit.GetProperty("title").GetString()));
        Assert.Equal(["a.txt", "b.txt"], (await repo.FilesAsync(log[0].GetProperty("id").GetString()!)).Select(file => file.Path));
        Assert.Single((await repo.Http.GetHubAsync($"{repo.HubUrl()}/commits/main")).EnumerateArray(), commit => commit.GetProperty("id").GetString() == first);   // another branch stays
        using var bare = await repo.Http.PostAsync($"{repo.HubUrl()}/super-squash/main", null);
        await bare.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Preupload_says_how_each_file_comes_and_what_is_there()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PutBlobAsync(_weights);
        await repo.HubCommitAsync("main", Hub.Header("x"), Hub.LfsFile("w.onnx", _weights), Hub.File("a.txt", "a".Utf8()));
        using var answer = await repo.Http.PostTextAsync($"{repo.HubUrl()}/preupload/main", new
        {
            gitIgnore = "*.tmp\n!keep.tmp\nbuild/\n/top.txt\n",
            files = new object[]
            {
                Asked("w.onnx", 20_000, _weights[..512]), Asked("a.txt", 1, "a".Utf8()), Asked("new.json", 2_000_000, "{".Utf8()), Asked("b.dat", 5, [0, 1]), Asked("t.onnx", 3, "abc".Utf8()),
                Asked("x.tmp", 1, []), Asked("sub/keep.tmp", 1, []), Asked("build/x.txt", 1, []), Asked("top.txt", 1, []), Asked("sub/top.txt", 1, []), Asked("cut.txt", 600, "\u00e9".Utf8()[..1]), Asked("empty.onnx", 0, []),
            },
        });
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var files = (await answer.JsonAsync()).GetProperty("files").EnumerateArray().ToDictionary(file => file.GetProperty("path").GetString()!);
        Assert.Equal(12, files.Count);
        Assert.Equal(["b.dat", "new.json", "t.onnx", "w.onnx"], files.Where(file => file.Value.GetProperty("uploadMode").GetString() == "lfs").Select(file => file.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["build/x.txt", "top.txt", "x.tmp"], files.Where(file => file.Value.GetProperty("shouldIgnore").GetBoolean()).Select(file => file.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Repo.Hash(_weights), files["w.onnx"].GetProperty("oid").GetString());
        Assert.Equal((await repo.FilesAsync("main")).Single(file => file.Path == "a.txt").GitId, files["a.txt"].GetProperty("oid").GetString());
        Assert.False(files["new.json"].TryGetProperty("oid", out _));
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/preupload/main?create_pr=1", new { }).ShouldBeHubErrorAsync(501, "NotImplemented");

        static object Asked(string path, int size, byte[] sample) => new { path, size, sample = Convert.ToBase64String(sample) };
    }

    [Fact]
    public async Task Repositories_are_made_found_again_set_and_deleted()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme, Role.Owner), app.AUser(acme, Role.Reader));
        var name = app.Fresh("Model");
        using var made = await ada.Http.PostTextAsync("/api/repos/create", new { name, organization = acme.Name, type = "model", sdk = (string?)null, files = new[] { new { path = "README.md", encoding = "base64", content = Convert.ToBase64String("# A\n".Utf8()) } } });
        await made.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal($"{ArtifactApp.PublicUrl}/{acme.Name}/{name}", (await made.JsonAsync()).GetProperty("url").GetString());
        using var again = await ada.Http.PostTextAsync("/api/repos/create", new { name = name.ToLowerInvariant(), organization = acme.Name }).ShouldBeHubErrorAsync(409, "RepoAlreadyExists");
        Assert.Equal($"{ArtifactApp.PublicUrl}/{acme.Name}/{name}", (await again.JsonAsync()).GetProperty("url").GetString());
        using var own = await ada.Http.PostTextAsync("/api/repos/create", new { name, @private = false });
        Assert.Equal($"{ada.Name}/{name}", (await own.JsonAsync()).GetProperty("id").GetString());
        Assert.Equal(Visibility.Public, (await ada.Http.GetJsonAsync<RepositoryView>($"/api/v1/repositories/{ada.Name}/{name}")).Visibility);

        await ben.Http.PostTextAsync("/api/repos/create", new { name = app.Fresh(), organization = acme.Name }).ShouldBeHubErrorAsync(403, null);
        await ada.Http.PostTextAsync("/api/repos/create", new { name = "bad--name" }).ShouldBeHubErrorAsync(400, "BadRequest");
        await ada.Http.PostTextAsync("/api/repos/create", new { name = app.Fresh(), visibility = "secret" }).ShouldBeHubErrorAsync(400, "BadRequest");
        await ada.Http.PostTextAsync("/api/repos/create", new { name = app.Fresh(), type = "dataset" }).ShouldBeHubErrorAsync(501, "NotImplemented");
        await app.Anonymous().PostTextAsync("/api/repos/create", new { name = app.Fresh() }).ShouldBeRefusedAsync(401);

        var repo = new Repo(ada.Http, await ada.Http.GetJsonAsync<RepositoryView>($"/api/v1/repositories/{acme.Name}/{name}"));
        Assert.Equal((Visibility.Private, "# A\n"), (repo.View.Visibility, await ada.Http.GetStringAsync($"{repo.WebUrl()}/resolve/main/README.md")));
        await SetAsync(ben, new { @private = false }).ShouldBeHubErrorAsync(403, null);
        await SetAsync(ada, new { gated = "manual" }).ShouldBeHubErrorAsync(501, "NotImplemented");
        await (await SetAsync(ada, new { visibility = "public", gated = false })).ShouldBeAsync(HttpStatusCode.OK);
        Assert.False((await app.Anonymous().GetHubAsync(repo.HubUrl())).GetProperty("private").GetBoolean());
        await DeleteAsync(ben, new { name, organization = acme.Name, type = "model" }).ShouldBeHubErrorAsync(403, null);
        await DeleteAsync(ada, new { name, organization = acme.Name, type = "dataset" }).ShouldBeHubErrorAsync(404, "RepoNotFound");
        await (await DeleteAsync(ada, new { name, organization = acme.Name })).ShouldBeAsync(HttpStatusCode.OK);
        await ada.Http.GetAsync(repo.HubUrl()).ShouldBeHubErrorAsync(404, "RepoNotFound");

        Task<HttpResponseMessage> SetAsync(Person person, object body) =>
            person.Http.PutAsync($"{repo.HubUrl()}/settings", new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));
        static Task<HttpResponseMessage> DeleteAsync(Person person, object body) => person.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Delete, "/api/repos/delete") { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") });
    }

    [Fact]
    public async Task A_repository_moves_and_its_old_addresses_lead_to_the_new_ones()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a b.txt", "a".Utf8()));
        var renamed = app.Fresh("renamed");
        await app.AUser().Http.PostTextAsync("/api/repos/move", new { fromRepo = $"{ada.Name}/{repo.View.Name}", toRepo = $"{ada.Name}/x", type = "model" }).ShouldBeHubErrorAsync(404, "RepoNotFound");
        using var moved = await ada.Http.PostTextAsync("/api/repos/move", new { fromRepo = $"{ada.Name}/{repo.View.Name}", toRepo = $"{ada.Name}/{renamed}", type = "model" });
        await moved.ShouldBeAsync(HttpStatusCode.OK);
        foreach (var (url, location) in new[]
        {
            ($"{repo.WebUrl()}/resolve/main/a%20b.txt?download=true", $"/{ada.Name}/{renamed}/resolve/main/a%20b.txt?download=true"),
            ($"{repo.HubUrl()}/tree/main", $"/api/models/{ada.Name}/{renamed}/tree/main"), (repo.HubUrl(), $"/api/models/{ada.Name}/{renamed}"),
        })
        {
            using var lead = await ada.Http.GetAsync(url);
            Assert.Equal((HttpStatusCode.TemporaryRedirect, location), (lead.StatusCode, lead.Headers.Location?.OriginalString));
            await app.AUser().Http.GetAsync(url).ShouldBeHubErrorAsync(404, "RepoNotFound");
            await app.Anonymous().GetAsync(url).ShouldBeHubErrorAsync(401, "RepoNotFound");
        }
        Assert.Equal("a", await ada.Http.GetStringAsync($"/{ada.Name}/{renamed}/resolve/main/a%20b.txt"));
        await ada.Http.PostTextAsync("/api/repos/move", new { fromRepo = $"{ada.Name}/{renamed}", toRepo = "nobody/x" }).ShouldBeHubErrorAsync(403, null);
        var taken = await ada.CreateAsync(ada.Name, app.Fresh());
        await ada.Http.PostTextAsync("/api/repos/move", new { fromRepo = $"{ada.Name}/{renamed}", toRepo = $"{ada.Name}/{taken.View.Name}" }).ShouldBeHubErrorAsync(409, "Conflict");
    }

    [Fact]
    public async Task Who_may_not_write_learns_nothing_from_a_bad_body()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme), app.AUser(acme, Role.Reader));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        foreach (var below in new[] { "commit/main", "preupload/main", "branch/x", "tag/main" })
        {
            await ben.Http.PostAsync($"{repo.HubUrl()}/{below}", new StringContent("{ not JSON")).ShouldBeHubErrorAsync(403, null);
            await app.AUser().Http.PostAsync($"{repo.HubUrl()}/{below}", new StringContent("{ not JSON")).ShouldBeHubErrorAsync(404, "RepoNotFound");
            await app.Anonymous().PostAsync($"{repo.HubUrl()}/{below}", new StringContent("{ not JSON")).ShouldBeRefusedAsync(401);
            await app.Again(ada, acme, scopes: ["read"]).Http.PostAsync($"{repo.HubUrl()}/{below}", new StringContent("{ not JSON")).ShouldBeRefusedAsync(403);
        }
    }

    private static async Task<string> HeadAsync(Repo repo) => (await repo.Http.GetHubAsync($"{repo.HubUrl()}?expand=sha")).GetProperty("sha").GetString()!;

    private static async Task MadeAsync(Repo repo, string below, object body)
    {
        using var made = await repo.Http.PostTextAsync($"{repo.HubUrl()}/{below}", body);
        await made.ShouldBeAsync(HttpStatusCode.OK);
    }
}
