using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.GitHttp;

/// <summary>Debian's git at the service itself, in the protocol's versions 2 and 0.</summary>
[Collection(ReadersOnOneApp.Name)]
public sealed partial class GitHttpTests(ArtifactApp app)
{
    [Theory]
    [InlineData("2")]
    [InlineData("0")]
    public async Task A_clone_holds_every_revision_and_file_with_its_id(string version)
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] weights = UploadTests.RandomBytes(20_000), text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 90_000).Select(i => $"{i}\n")));
        var first = await repo.PushAsync(null, ("README.md", "# A kit\n".Utf8()), ("model.onnx", weights), ("scripts/train.py", "print()\n".Utf8()),
            ("empty", []), ("deep/er/und/ü/日本.txt", "ok".Utf8()), ("vocab.txt", text), ("again/vocab.txt", text));
        var script = await repo.PutBlobAsync("#!/bin/sh\n".Utf8());
        var second = await repo.CommitAsync(first.Id, "Zweite: \"Änderung\"\n\nmit zwei Absätzen", new FileOperation("run", script, Executable: true), new FileOperation("empty"));
        using var git = new Tool();

        await git.GitAsync(repo, "-c", $"protocol.version={version}", "clone", "-q", repo.GitUrl(), "kit");

        Assert.Equal("", await git.RunAsync("git", "-C", "kit", "fsck", "--strict", "--full"));
        Assert.Equal($"{second.Id}\n{first.Id}\n", await git.RunAsync("git", "-C", "kit", "log", "--format=%H"));
        Assert.Equal("main\n", await git.RunAsync("git", "-C", "kit", "branch", "--show-current"));
        Assert.Equal("", await git.RunAsync("git", "-C", "kit", "status", "--porcelain"));
        Assert.Equal(text, await File.ReadAllBytesAsync(git.At("kit", "again", "vocab.txt")));
        Assert.Equal("ok", await File.ReadAllTextAsync(git.At("kit", "deep", "er", "und", "ü", "日本.txt")));
        Assert.Equal($"version https://git-lfs.github.com/spec/v1\noid sha256:{Repo.Hash(weights)}\nsize 20000\n", await File.ReadAllTextAsync(git.At("kit", "model.onnx")));
        Assert.True(File.GetUnixFileMode(git.At("kit", "run")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.Exists(git.At("kit", "empty")));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0")]
    public async Task A_pull_after_a_push_sends_only_what_is_new(string version)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var head = await repo.PushAsync(null, [.. Enumerable.Range(0, 30).Select(i => ($"folder{i % 3}/file{i}.txt", $"{i}".Utf8()))]);
        using var git = new Tool();
        await git.GitAsync(repo, "-c", $"protocol.version={version}", "clone", "-q", repo.GitUrl() + ".git", "kit");

        head = await repo.PushAsync(head.Id, ("folder1/file1.txt", "changed".Utf8()));
        var next = await repo.PushAsync(head.Id, ("new.txt", "new".Utf8()));
        var (code, _, error) = await git.TryGitAsync(repo, "-c", $"protocol.version={version}", "-C", "kit", "pull", "--progress");

        Assert.True(code == 0, error);
        Assert.Equal(7, Sent(error));   // two commits, two roots, one folder, two files
        Assert.Equal(next.Id, (await git.RunAsync("git", "-C", "kit", "rev-parse", "HEAD")).Trim());
        Assert.Equal("changed", await File.ReadAllTextAsync(git.At("kit", "folder1", "file1.txt")));
        Assert.Equal("", await git.RunAsync("git", "-C", "kit", "fsck", "--strict", "--full"));
        (code, _, error) = await git.TryGitAsync(repo, "-c", $"protocol.version={version}", "-C", "kit", "fetch", "--progress");
        Assert.True(code == 0 && !error.Contains("Sending", StringComparison.Ordinal), error);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0")]
    public async Task A_client_with_many_commits_of_its_own_finds_what_is_common(string version)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var head = await repo.PushAsync(null, ("a.txt", "0".Utf8()));
        for (var i = 1; i <= 20; i++) head = await repo.PushAsync(head.Id, ("a.txt", $"{i}".Utf8()));
        using var git = new Tool();
        await git.GitAsync(repo, "clone", "-q", repo.GitUrl(), "kit");
        // Their haves are longer than 1 KiB, so git sends them gzipped, and in several rounds.
        var stream = new StringBuilder();
        for (var i = 1; i <= 100; i++)
            stream.Append(CultureInfo.InvariantCulture, $"commit refs/heads/mine\nmark :{i}\ncommitter t <t@t> {2_000_000_000 + i} +0000\ndata 1\nx\n{(i == 1 ? $"from {head.Id}\n" : "")}M 644 inline b.txt\ndata 3\n{i:000}\n\n");
        await File.WriteAllTextAsync(git.At("kit", "mine"), stream.ToString());
        await git.RunAsync("sh", "-c", "git -C kit fast-import --quiet < kit/mine && rm kit/mine");
        head = await repo.PushAsync(head.Id, ("a.txt", "last".Utf8()));

        var (code, _, error) = await git.TryGitAsync(repo, "-c", $"protocol.version={version}", "-C", "kit", "fetch", "--progress");

        Assert.True(code == 0, error);
        Assert.Equal(3, Sent(error));
        Assert.Equal(head.Id, (await git.RunAsync("git", "-C", "kit", "rev-parse", "origin/main")).Trim());
        Assert.Equal("", await git.RunAsync("git", "-C", "kit", "fsck", "--strict", "--full"));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0")]
    public async Task A_shallow_clone_is_deepened_step_by_step(string version)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var head = await repo.PushAsync(null, ("a.txt", "0".Utf8()), ("same.txt", "same".Utf8()));
        for (var i = 1; i < 10; i++) head = await repo.PushAsync(head.Id, ("a.txt", $"{i}".Utf8()));
        using var git = new Tool();
        async Task<string> CountAsync() => (await git.RunAsync("git", "-C", "kit", "rev-list", "--count", "HEAD")).Trim();
        Task FetchAsync(params string[] how) => git.GitAsync(repo, ["-c", $"protocol.version={version}", "-C", "kit", "fetch", "-q", .. how]);

        await git.GitAsync(repo, "-c", $"protocol.version={version}", "clone", "-q", "--depth", "1", repo.GitUrl(), "kit");
        Assert.Equal("1", await CountAsync());
        Assert.Equal("same", await File.ReadAllTextAsync(git.At("kit", "same.txt")));
        await FetchAsync("--depth", "3");
        Assert.Equal("3", await CountAsync());
        await FetchAsync("--deepen", "2");
        Assert.Equal("5", await CountAsync());
        head = await repo.PushAsync(head.Id, ("a.txt", "after".Utf8()));
        await git.GitAsync(repo, "-c", $"protocol.version={version}", "-C", "kit", "pull", "-q");
        Assert.Equal("6", await CountAsync());
        await FetchAsync("--unshallow");
        Assert.Equal("11", await CountAsync());
        Assert.Equal("", await git.RunAsync("git", "-C", "kit", "fsck", "--strict", "--full"));
        Assert.Equal(head.Id, (await git.RunAsync("git", "-C", "kit", "rev-parse", "HEAD")).Trim());
    }

    [Fact]
    public async Task A_clone_can_leave_out_what_a_tag_has_and_what_is_older()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "0".Utf8()));
        var second = await repo.PushAsync(first.Id, ("a.txt", "1".Utf8()));
        await SetAsync(repo, "tags", "v1", first.Id);
        using var git = new Tool();
        await git.GitAsync(repo, "clone", "-q", "--no-tags", "--shallow-exclude=v1", repo.GitUrl(), "kit");
        Assert.Equal($"{second.Id}\n", await git.RunAsync("git", "-C", "kit", "log", "--format=%H"));
        await git.GitAsync(repo, "clone", "-q", "--shallow-since=2001-01-01", repo.GitUrl(), "all");
        Assert.Equal($"{second.Id}\n{first.Id}\n", await git.RunAsync("git", "-C", "all", "log", "--format=%H"));
    }

    [Fact]
    public async Task A_clone_without_blobs_gets_them_when_it_needs_them()
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] weights = UploadTests.RandomBytes(3000);
        var first = await repo.PushAsync(null, ("a.txt", "old".Utf8()), ("sub/b.txt", "b".Utf8()), ("w.onnx", weights));
        await repo.PushAsync(first.Id, ("a.txt", "new".Utf8()));
        using var git = new Tool();
        await git.GitAsync(repo, "clone", "-q", "--filter=blob:none", "--no-checkout", repo.GitUrl(), "kit");
        Assert.Equal(5, (await git.RunAsync("git", "-C", "kit", "rev-list", "--objects", "--all", "--missing=print")).Split('\n').Count(line => line.StartsWith('?')));
        await git.GitAsync(repo, "-C", "kit", "checkout", "-q", "main");
        Assert.Equal("new", await File.ReadAllTextAsync(git.At("kit", "a.txt")));
        Assert.Equal("old", await git.GitAsync(repo, "-C", "kit", "show", $"{first.Id}:a.txt"));
        Assert.StartsWith("version https://git-lfs", await File.ReadAllTextAsync(git.At("kit", "w.onnx")), StringComparison.Ordinal);
        var (code, _, error) = await git.TryGitAsync(repo, "clone", "-q", "--filter=tree:0", repo.GitUrl(), "none");
        Assert.True(code != 0 && error.Contains("blob:none", StringComparison.Ordinal), error);
    }

    [Fact]
    public async Task An_empty_repository_is_cloned_and_pulled_into()
    {
        var (_, repo) = await app.ARepositoryAsync();
        using var git = new Tool();
        foreach (var version in new[] { "2", "0" })
            await git.GitAsync(repo, "-c", $"protocol.version={version}", "-c", "init.defaultBranch=master", "clone", "-q", repo.GitUrl(), "kit" + version);
        Assert.Equal("main\n", await git.RunAsync("git", "-C", "kit2", "branch", "--show-current"));
        await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        await git.GitAsync(repo, "-C", "kit2", "pull", "-q");
        Assert.Equal("a", await File.ReadAllTextAsync(git.At("kit2", "a.txt")));
    }

    [Fact]
    public async Task Branches_and_tags_are_listed_and_fetched()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var first = await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        var second = await repo.PushAsync(first.Id, ("a.txt", "b".Utf8()));
        await SetAsync(repo, "tags", "v1.0", first.Id);
        await SetAsync(repo, "branches", "next", second.Id);
        await SetAsync(repo, "aliases", "prod", first.Id);
        using var git = new Tool();
        var expected = $"ref: refs/heads/main\tHEAD\n{second.Id}\tHEAD\n{second.Id}\trefs/heads/main\n{second.Id}\trefs/heads/next\n{first.Id}\trefs/tags/v1.0\n{first.Id}\trefs/aliases/prod\n";
        foreach (var version in new[] { "2", "0" })
            Assert.Equal(expected.Split('\n').Order(), (await git.GitAsync(repo, "-c", $"protocol.version={version}", "ls-remote", "--symref", repo.GitUrl())).Split('\n').Order());
        Assert.Equal($"{first.Id}\trefs/tags/v1.0\n", await git.GitAsync(repo, "ls-remote", repo.GitUrl(), "refs/tags/*"));
        await git.GitAsync(repo, "clone", "-q", "--branch", "v1.0", repo.GitUrl(), "kit");
        Assert.Equal("a", await File.ReadAllTextAsync(git.At("kit", "a.txt")));
    }

    [Fact]
    public async Task A_clone_of_an_old_name_is_led_to_the_new_one()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        var revision = await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        using var git = new Tool();
        await git.GitAsync(repo, "clone", "-q", repo.GitUrl(), "kit");
        using var moved = await repo.Http.PostJsonAsync($"{repo.Url}/move", new MoveTo(Name: app.Fresh("moved")));
        await moved.ShouldBeAsync(HttpStatusCode.OK);
        await git.GitAsync(repo, "clone", "-q", repo.GitUrl(), "again");
        Assert.Equal(revision.Id, (await git.RunAsync("git", "-C", "again", "rev-parse", "HEAD")).Trim());
        await git.GitAsync(repo, "-C", "kit", "pull", "-q");
        using var stranger = await app.AUser().Http.GetAsync($"/{owner.Name}/{repo.View.Name}/info/refs?service=git-upload-pack");
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
    }

    [Fact]
    public async Task A_push_is_refused_with_what_to_do_instead()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        using var git = new Tool();
        await git.GitAsync(repo, "clone", "-q", repo.GitUrl(), "kit");
        await git.GitAsync(repo, "-C", "kit", "commit", "-q", "--allow-empty", "-m", "mine");
        var (code, _, error) = await git.TryGitAsync(repo, "-C", "kit", "push");
        Assert.NotEqual(0, code);
        Assert.Contains("'zoo push'", error, StringComparison.Ordinal);
        Assert.Contains("'hf upload'", error, StringComparison.Ordinal);
        using var post = await repo.Http.PostAsync($"{repo.GitUrl()}.git/git-receive-pack", new StringContent("0000"));
        Assert.Equal(HttpStatusCode.Forbidden, post.StatusCode);
        Assert.Contains("'zoo push'", await post.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/info/refs?service=git-upload-pack")]
    [InlineData("GET", "/info/refs?service=git-receive-pack")]
    [InlineData("GET", "/info/refs")]
    [InlineData("POST", "/git-upload-pack")]
    [InlineData("POST", "/git-receive-pack")]
    public async Task What_is_hidden_answers_as_what_is_missing(string method, string path)
    {
        var (owner, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        Task<HttpResponseMessage> AskAsync(HttpClient http, string name) => http.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), $"/{owner.Name}/{name}.git{path}")
        {
            Content = method == "POST" ? new StringContent("no pkt-line") : null,
        });
        foreach (var (http, status) in new[] { (app.Anonymous(), HttpStatusCode.Unauthorized), (app.AUser().Http, HttpStatusCode.NotFound) })
        {
            var hidden = await AskAsync(http, repo.View.Name).ShapeAsync(repo.View.Name);
            Assert.Equal(await AskAsync(http, "never-there").ShapeAsync("never-there"), hidden);
            using var answer = await AskAsync(http, repo.View.Name);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(status == HttpStatusCode.Unauthorized ? "Basic realm=\"zoo\"" : "", answer.Headers.WwwAuthenticate.ToString());
        }
    }

    [Fact]
    public async Task Anybody_clones_what_is_public()
    {
        var (_, repo) = await app.ARepositoryAsync(Visibility.Public);
        await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        using var git = new Tool();
        await git.GitAsync(repo with { Http = app.Anonymous() }, "clone", "-q", repo.GitUrl(), "kit");
        Assert.True(File.Exists(git.At("kit", "a.txt")));
    }

    [Theory]
    [InlineData("x", 400)]
    [InlineData("zzzz", 400)]
    [InlineData("0003", 400)]
    [InlineData("fff0", 400)]
    [InlineData("0040command=fetch", 400)]
    [InlineData("0000", 200)]
    [InlineData("", 200)]
    public async Task A_malformed_request_is_refused(string body, int status)
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a.txt", "a".Utf8()));
        using var answer = await FetchAsync(repo, body.Utf8());
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.DoesNotContain("PACK", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_inflates_beyond_all_measure_is_refused_early()
    {
        var (_, repo) = await app.ARepositoryAsync();
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync($"{Line("command=fetch")}0001".Utf8());
            var haves = string.Concat(Enumerable.Repeat(Line($"have {new string('0', 40)}"), 1000)).Utf8();
            for (var i = 0; i < 2000; i++) await gzip.WriteAsync(haves);   // 100 MB in 200 KB
        }
        using var answer = await FetchAsync(repo, bomb.ToArray(), "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        using var broken = await FetchAsync(repo, "no gzip".Utf8(), "gzip");
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        using var other = await FetchAsync(repo, "x".Utf8(), "br");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, other.StatusCode);
    }

    [Fact]
    public async Task What_the_repository_does_not_hold_is_not_sent()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        var secret = await hidden.PushAsync(null, ("a.txt", "secret".Utf8()));
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("b.txt", "b".Utf8()));
        var blob = (await hidden.FilesAsync("main")).Single().GitId;
        foreach (var id in new[] { secret.Id, secret.Tree, blob, new string('1', 40) })
        {
            using var answer = await FetchAsync(repo, $"{Line("command=fetch")}0001{Line($"want {id}")}{Line("done")}0000".Utf8());
            Assert.Equal($"ERR upload-pack: not our ref {id}\n", (await answer.Content.ReadAsStringAsync())[4..]);
        }
    }

    [Fact]
    public async Task Damaged_bytes_are_not_sent_and_git_says_so()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = $"whole {Guid.CreateVersion7()}".Utf8();
        await repo.PushAsync(null, ("a.txt", content));
        var path = Directory.EnumerateFiles(Path.Combine(app.DataFolder, "artifact", "blobs"), Repo.Hash(content), SearchOption.AllDirectories).Single();
        content[3] ^= 1;
        await File.WriteAllBytesAsync(path, content);
        using var git = new Tool();
        var (code, _, error) = await git.TryGitAsync(repo, "clone", repo.GitUrl(), "kit");
        Assert.True(code != 0 && error.Contains("are damaged", StringComparison.Ordinal), error);
    }

    private static Task<HttpResponseMessage> FetchAsync(Repo repo, byte[] body, string? encoding = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{repo.GitUrl()}.git/git-upload-pack") { Content = new ByteArrayContent(body) };
        request.Headers.Add("Git-Protocol", "version=2");
        if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
        return repo.Http.SendAsync(request);
    }

    private static string Line(string text) => $"{text.Length + 5:x4}{text}\n";

    private static async Task SetAsync(Repo repo, string kind, string name, string revision)
    {
        using var answer = await repo.Http.PutAsync($"{repo.Url}/{kind}/{name}", System.Net.Http.Json.JsonContent.Create(new SetRef(revision), options: ZooJson.Options));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>How many objects the zoo said it sends.</summary>
    private static int Sent(string error) => int.Parse(Sending().Match(error).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("Sending ([0-9]+) objects")]
    private static partial Regex Sending();
}
