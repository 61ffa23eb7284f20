using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.HubProtocol;

public sealed class ReadTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _weights = UploadTests.RandomBytes(20_000);
    private static readonly byte[] s_card = "---\nlicense: mit\npipeline_tag: image-classification\ntags: [tiny]\n---\n# Tiny\n".Utf8();

    [Fact]
    public async Task A_model_is_described_whole_or_by_the_properties_asked_for()
    {
        var (repo, revision) = await AKitAsync();
        var model = await repo.Http.GetHubAsync(repo.HubUrl());
        Assert.Equal($"{repo.View.Owner}/{repo.View.Name}", model.GetProperty("id").GetString());
        Assert.Equal(revision.Id, model.GetProperty("sha").GetString());
        Assert.True(model.GetProperty("private").GetBoolean());
        Assert.False(model.GetProperty("gated").GetBoolean());
        Assert.Equal("image-classification", model.GetProperty("pipeline_tag").GetString());
        Assert.Equal("mit", model.GetProperty("cardData").GetProperty("license").GetString());
        Assert.Contains("license:mit", model.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", model.GetProperty("lastModified").GetString());
        Assert.Contains("{\"rfilename\":\"sub/weights.bin\"}", model.GetProperty("siblings").GetRawText(), StringComparison.Ordinal);

        var blobs = await repo.Http.GetHubAsync($"{repo.HubUrl()}/revision/main?blobs=true&securityStatus=true");
        var weights = blobs.GetProperty("siblings").EnumerateArray().Single(one => one.GetProperty("rfilename").GetString() == "sub/weights.bin");
        Assert.Equal((20_000, Repo.Hash(_weights)), (weights.GetProperty("size").GetInt32(), weights.GetProperty("lfs").GetProperty("sha256").GetString()));
        Assert.True(blobs.TryGetProperty("securityRepoStatus", out _));

        var few = await repo.Http.GetHubAsync($"{repo.HubUrl()}/revision/HEAD?expand=sha&expand=private&expand[]=likes&expand=never-heard-of&expand=xetEnabled");
        Assert.Equal(["_id", "id", "likes", "private", "sha"], few.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_tree_lists_files_and_folders_by_pages()
    {
        var (repo, revision) = await AKitAsync();
        var tree = await repo.Http.GetHubAsync($"{repo.HubUrl()}/tree/{revision.Id}?recursive=true&expand=false");
        Assert.Equal([".gitattributes", "README.md", "sub", "sub/weights.bin", "sub/\u00e9 a.txt"], tree.EnumerateArray().Select(entry => entry.GetProperty("path").GetString()));
        var weights = tree[3];
        Assert.Equal(("file", 20_000, Repo.Hash(_weights)), (weights.GetProperty("type").GetString(), weights.GetProperty("size").GetInt32(), weights.GetProperty("lfs").GetProperty("oid").GetString()));
        var pointer = await repo.Http.GetStringAsync($"{repo.WebUrl()}/raw/main/sub/weights.bin");
        Assert.Equal(pointer.Length, weights.GetProperty("lfs").GetProperty("pointerSize").GetInt32());
        Assert.False(weights.TryGetProperty("xetHash", out _));
        Assert.Equal(("directory", 0), (tree[2].GetProperty("type").GetString(), tree[2].GetProperty("size").GetInt32()));
        Assert.False(tree[1].TryGetProperty("lfs", out _));

        var paths = new List<string?>();
        for (var url = $"{repo.HubUrl()}/tree/main?recursive=True&limit=2"; url is not null;)
        {
            using var page = await repo.Http.GetAsync(url);
            paths.AddRange((await page.JsonAsync()).EnumerateArray().Select(entry => entry.GetProperty("path").GetString()));
            url = page.One("Link") is { } link ? Lfs.Path(System.Text.RegularExpressions.Regex.Match(link, "^<(http://[^>]+)>;\\s+rel=\"next\"$").Groups[1].Value) : null;
        }
        Assert.Equal(tree.EnumerateArray().Select(entry => entry.GetProperty("path").GetString()), paths);
    }

    [Theory]
    [InlineData("main", "sub")]
    [InlineData("HEAD", "sub")]
    [InlineData("refs%2Fheads%2Fmain", "sub")]
    [InlineData("refs/heads/main", "sub")]
    public async Task Revisions_and_paths_come_in_either_spelling(string revision, string folder)
    {
        var (repo, _) = await AKitAsync();
        Assert.Equal(2, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/tree/{revision}/{folder}")).GetArrayLength());
        Assert.Equal(_weights, await repo.Http.GetByteArrayAsync($"{repo.WebUrl()}/resolve/{revision}/sub%2Fweights.bin"));
        Assert.Equal("text", await repo.Http.GetStringAsync($"{repo.WebUrl()}/resolve/{revision}/sub/%C3%A9%20a.txt"));
        await repo.Http.GetAsync($"{repo.HubUrl()}/tree/refs%2Fpr%2F1").ShouldBeHubErrorAsync(404, "RevisionNotFound");
        await repo.Http.GetAsync($"{repo.HubUrl()}/tree/refs/pr/1/sub").ShouldBeHubErrorAsync(404, "RevisionNotFound");
    }

    [Fact]
    public async Task Paths_are_told_of_from_a_form_and_from_JSON_with_the_commits_that_changed_them()
    {
        var (repo, first) = await AKitAsync();
        var second = await repo.PushAsync(first.Id, ("README.md", "# Changed\n".Utf8()));
        using var form = await repo.Http.PostAsync($"{repo.HubUrl()}/paths-info/main", new FormUrlEncodedContent(
            [new("paths", "README.md"), new("paths", "sub"), new("paths", "missing"), new("paths", "../x"), new("expand", "False")]));
        var plain = await form.JsonAsync();
        Assert.Equal(["README.md", "sub"], plain.EnumerateArray().Select(entry => entry.GetProperty("path").GetString()));
        Assert.False(plain[0].TryGetProperty("lastCommit", out _));
        using var json = await repo.Http.PostTextAsync($"{repo.HubUrl()}/paths-info/main", new { paths = new[] { "README.md", "sub/weights.bin", "sub" }, expand = true });
        Assert.Equal([second.Id, first.Id, first.Id], (await json.JsonAsync()).EnumerateArray().Select(entry => entry.GetProperty("lastCommit").GetProperty("id").GetString()));
        var tree = await repo.Http.GetHubAsync($"{repo.HubUrl()}/tree/main?recursive=true&expand=true");
        Assert.All(tree.EnumerateArray(), entry => Assert.Equal(
            entry.GetProperty("path").GetString() == "README.md" ? second.Id : first.Id, entry.GetProperty("lastCommit").GetProperty("id").GetString()));
        await repo.Http.PostTextAsync($"{repo.HubUrl()}/paths-info/main", new { paths = 5 }).ShouldBeRefusedAsync(400);
    }

    [Theory]
    [InlineData(98)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(1099)]
    [InlineData(2500)]
    public async Task What_changed_long_ago_is_told_as_exactly(int revisionsSince)
    {
        var (repo, first) = await AKitAsync();
        var second = await repo.PushAsync(first.Id, ("README.md", "# Changed\n".Utf8()));
        // So many revisions that change nothing of it, as rows: made one by one they would take a minute.
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync();
        await using var add = new NpgsqlCommand("""
            with later as (
                insert into revisions (repository_id, id, parent, tree, message, author, author_id, created_at, file_count, size_bytes, number)
                select repository_id, lpad(to_hex(i), 40, '0'), case i when 1 then id else lpad(to_hex(i - 1), 40, '0') end, tree, message, author, author_id, created_at, file_count, size_bytes, number + i
                from revisions, generate_series(1, @count) i where repository_id = @repository and id = @second returning id)
            select count(*) from later
            """, connection);
        add.Parameters.AddWithValue("count", revisionsSince);
        add.Parameters.AddWithValue("repository", repo.View.Id);
        add.Parameters.AddWithValue("second", second.Id);
        Assert.Equal((long)revisionsSince, await add.ExecuteScalarAsync());
        var head = revisionsSince.ToString("x").PadLeft(40, '0');
        using var json = await repo.Http.PostTextAsync($"{repo.HubUrl()}/paths-info/{head}", new { paths = new[] { "README.md", "sub/weights.bin", "sub" }, expand = true });
        Assert.Equal([second.Id, first.Id, first.Id], (await json.JsonAsync()).EnumerateArray().Select(entry => entry.GetProperty("lastCommit").GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Branches_tags_and_history_are_listed()
    {
        var (repo, first) = await AKitAsync();
        var second = await repo.CommitAsync(first.Id, "Change\n\nWhy it was", new FileOperation("README.md"));
        using (await repo.Http.PutAsync($"{repo.Url}/tags/v1", new StringContent($"{{\"revision\":\"{first.Id}\"}}", Encoding.UTF8, "application/json"))) { }
        var refs = await repo.Http.GetHubAsync($"{repo.HubUrl()}/refs?include_prs=1");
        Assert.Equal(("main", "refs/heads/main", second.Id), (refs.GetProperty("branches")[0].GetProperty("name").GetString(), refs.GetProperty("branches")[0].GetProperty("ref").GetString(), refs.GetProperty("branches")[0].GetProperty("targetCommit").GetString()));
        Assert.Equal(("refs/tags/v1", 0, 0), (refs.GetProperty("tags")[0].GetProperty("ref").GetString(), refs.GetProperty("pullRequests").GetArrayLength(), refs.GetProperty("converts").GetArrayLength()));
        using var page = await repo.Http.GetAsync($"{repo.HubUrl()}/commits/main?limit=1&expand[]=formatted");
        var commit = (await page.JsonAsync())[0];
        Assert.Equal((second.Id, "Change", "Why it was"), (commit.GetProperty("id").GetString(), commit.GetProperty("title").GetString(), commit.GetProperty("message").GetString()));
        Assert.NotEmpty(commit.GetProperty("authors")[0].GetProperty("user").GetString()!);
        using var next = await repo.Http.GetAsync(Lfs.Path(page.One("Link")!.Split('<', '>')[1]));
        Assert.Equal("2", page.One("X-Total-Count"));
        Assert.Equal(first.Id, (await next.JsonAsync())[0].GetProperty("id").GetString());
        Assert.Null(next.One("Link"));
        Assert.Equal(first.Id, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/revision/v1")).GetProperty("sha").GetString());
    }

    [Fact]
    public async Task A_download_carries_what_the_clients_cache_needs()
    {
        var (repo, revision) = await AKitAsync();
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
        {
            using var weights = await repo.Http.SendAsync(new HttpRequestMessage(method, $"{repo.WebUrl()}/resolve/main/sub/weights.bin"));
            await weights.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal((revision.Id, $"\"{Repo.Hash(_weights)}\"", "bytes", 20_000L, null), (weights.One("X-Repo-Commit"), weights.Headers.ETag?.ToString(),
                weights.One("Accept-Ranges"), weights.Content.Headers.ContentLength, weights.One("X-Xet-Hash")));
            Assert.True(weights.Headers.CacheControl is { Private: true, NoStore: true });
            using var card = await repo.Http.SendAsync(new HttpRequestMessage(method, $"{repo.WebUrl()}/resolve/{revision.Id}/README.md"));
            var git = (await repo.FilesAsync("main")).Single(file => file.Path == "README.md").GitId;
            Assert.Equal($"\"{git}\"", card.Headers.ETag?.ToString());
        }
        using var raw = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{repo.WebUrl()}/raw/main/sub/weights.bin"));
        await raw.ShouldBeAsync(HttpStatusCode.OK);
        Assert.StartsWith("version https://git-lfs", await repo.Http.GetStringAsync($"{repo.WebUrl()}/raw/main/sub/weights.bin"), StringComparison.Ordinal);
        Assert.Equal(s_card, await repo.Http.GetByteArrayAsync($"{repo.WebUrl()}/raw/main/README.md"));
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=8-99", 8, 92)]
    [InlineData("bytes=19990-", 19_990, 10)]
    [InlineData("bytes=-5", 19_995, 5)]
    public async Task Ranges_are_served(string range, int from, int count)
    {
        var (repo, _) = await AKitAsync();
        using var answer = await GetAsync(repo, "resolve/main/sub/weights.bin", range);
        await answer.ShouldBeAsync(HttpStatusCode.PartialContent);
        Assert.Equal($"bytes {from}-{from + count - 1}/20000", answer.One("Content-Range"));
        Assert.Equal(_weights[from..(from + count)], await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task An_empty_file_tells_its_size_to_a_range_and_no_range_beyond_the_end_is_served()
    {
        var (repo, _) = await AKitAsync();
        await repo.HubCommitAsync("main", Hub.Header("x"), Hub.File("empty.txt", []));
        using var empty = await GetAsync(repo, "resolve/main/empty.txt", "bytes=0-0");
        await empty.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(("bytes */0", 0L), (empty.One("Content-Range"), empty.Content.Headers.ContentLength));
        using var beyond = await GetAsync(repo, "resolve/main/sub/weights.bin", "bytes=20000-");
        await beyond.ShouldBeAsync(HttpStatusCode.RequestedRangeNotSatisfiable);
        Assert.Equal("bytes */20000", beyond.One("Content-Range"));
        using var many = await GetAsync(repo, "resolve/main/sub/weights.bin", "bytes=" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{i}-{i}")));
        Assert.Contains(many.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.RequestedRangeNotSatisfiable });
    }

    [Theory]
    [InlineData("resolve/main/missing")]
    [InlineData("resolve/main/sub")]
    [InlineData("resolve/main/sub/weights.bin/x")]
    [InlineData("resolve/main/..%2f..%2fetc%2fpasswd")]
    [InlineData("resolve/main/a%5Cb")]
    [InlineData("resolve/main/%00")]
    [InlineData("raw/main/missing")]
    public async Task What_is_no_file_says_at_which_commit_it_is_missing(string below)
    {
        var (repo, revision) = await AKitAsync();
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
        {
            var asking = repo.Http.SendAsync(new HttpRequestMessage(method, $"{repo.WebUrl()}/{below}"));
            if (below.Contains("%00", StringComparison.Ordinal))
            {
                Assert.Contains((await asking).StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.NotFound });
                continue;
            }
            using var answer = await asking.ShouldBeHubErrorAsync(404, "EntryNotFound");
            Assert.Equal(revision.Id, answer.One("X-Repo-Commit"));
        }
    }

    [Fact]
    public async Task Hidden_is_as_missing_byte_for_byte_and_nobody_is_asked_to_sign_in()
    {
        var (repo, _) = await AKitAsync();
        var missing = repo with { View = repo.View with { Name = repo.View.Name[..^1] + "x" } };
        foreach (var (http, status) in new[] { (app.AUser().Http, 404), (app.Anonymous(), 401) })
        {
            foreach (var url in new Func<Repo, string>[]
            {
                one => one.HubUrl(), one => $"{one.HubUrl()}/revision/main", one => $"{one.HubUrl()}/tree/main", one => $"{one.HubUrl()}/refs", one => $"{one.HubUrl()}/commits/main",
                one => $"{one.WebUrl()}/resolve/main/README.md", one => $"{one.WebUrl()}/raw/main/README.md", one => $"{one.HubUrl()}/auth-check",
            })
            {
                await http.GetAsync(url(repo)).ShouldBeHubErrorAsync(status, "RepoNotFound");
                Assert.Equal((await http.GetAsync(url(missing)).ShapeAsync(missing.View.Name)), await http.GetAsync(url(repo)).ShapeAsync(repo.View.Name));
            }
            await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{repo.WebUrl()}/resolve/main/README.md")).ShouldBeHubErrorAsync(status, "RepoNotFound");
            await http.PostTextAsync($"{repo.HubUrl()}/paths-info/main", new { paths = 5 }).ShouldBeHubErrorAsync(status, "RepoNotFound");
        }
    }

    [Fact]
    public async Task Other_kinds_are_missing_and_what_is_not_offered_says_so()
    {
        var (repo, _) = await AKitAsync();
        var name = repo.WebUrl();
        await repo.Http.GetAsync($"/api/datasets{name}").ShouldBeHubErrorAsync(404, "RepoNotFound");
        await repo.Http.GetAsync($"/spaces{name}/resolve/main/README.md").ShouldBeHubErrorAsync(404, "RepoNotFound");
        await repo.Http.GetAsync("/api/models/gpt2").ShouldBeHubErrorAsync(404, "RepoNotFound");
        await repo.Http.GetAsync($"{repo.HubUrl()}/discussions").ShouldBeHubErrorAsync(501, "NotImplemented");
        await repo.Http.GetAsync("/api/agent-harnesses").ShouldBeHubErrorAsync(501, "NotImplemented");
        await repo.Http.GetAsync($"{repo.HubUrl()}/tree/nope").ShouldBeHubErrorAsync(404, "RevisionNotFound");
        await repo.Http.GetAsync($"{repo.HubUrl()}/tree/main/nope").ShouldBeHubErrorAsync(404, "EntryNotFound");
        await repo.Http.GetAsync($"{repo.HubUrl()}/revision/{new string('0', 40)}").ShouldBeHubErrorAsync(404, "RevisionNotFound");
    }

    [Fact]
    public async Task An_empty_repository_reads_as_empty()
    {
        var (_, repo) = await app.ARepositoryAsync();
        Assert.False((await repo.Http.GetHubAsync(repo.HubUrl())).TryGetProperty("sha", out _));
        Assert.Equal(0, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/revision/main")).GetProperty("siblings").GetArrayLength());
        Assert.Equal(0, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/tree/main?recursive=true")).GetArrayLength());
        Assert.Equal(0, (await repo.Http.GetHubAsync($"{repo.HubUrl()}/commits/main")).GetArrayLength());
        await repo.Http.GetAsync($"{repo.WebUrl()}/resolve/main/x").ShouldBeHubErrorAsync(404, "EntryNotFound");
    }

    [Fact]
    public async Task Who_may_write_is_told()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme), app.AUser(acme, Role.Reader));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        await (await ada.Http.GetAsync($"{repo.HubUrl()}/auth-check/write")).ShouldBeAsync(HttpStatusCode.OK);
        await (await ben.Http.GetAsync($"{repo.HubUrl()}/auth-check")).ShouldBeAsync(HttpStatusCode.OK);
        await ben.Http.GetAsync($"{repo.HubUrl()}/auth-check/write").ShouldBeHubErrorAsync(403, null);
    }

    private async Task<(Repo Repo, RevisionView Revision)> AKitAsync()
    {
        var (_, repo) = await app.ARepositoryAsync();
        return (repo, await repo.PushAsync(null, ("README.md", s_card), ("sub/weights.bin", _weights), ("sub/\u00e9 a.txt", "text".Utf8())));
    }

    private static Task<HttpResponseMessage> GetAsync(Repo repo, string below, string range)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"{repo.WebUrl()}/{below}");
        request.Headers.TryAddWithoutValidation("Range", range);
        return repo.Http.SendAsync(request);
    }
}

internal static class Refusals
{
    /// <summary>It is refused as malformed, in the hub's shape.</summary>
    public static async Task ShouldBeRefusedAsync(this Task<HttpResponseMessage> asking, int status)
    {
        using var answer = await asking;
        await answer.ShouldBeAsync((HttpStatusCode)status);
        Assert.NotEmpty(answer.One("X-Error-Message")!);
        Assert.NotEmpty((await answer.JsonAsync()).GetProperty("error").GetString()!);
    }
}
