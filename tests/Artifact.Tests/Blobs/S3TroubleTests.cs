using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>A store that neither works nor is gone: whoever waits for it is told in bounded time, nothing half passes for whole, and it heals by itself.</summary>
[Trait("Category", "Long")]
public sealed class S3TroubleTests(ArtifactOnTroubledS3 app) : IClassFixture<ArtifactOnTroubledS3>, IAsyncLifetime
{
    /// <summary>Three tries of a second each, and the pauses between them.</summary>
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(20);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        if (CephGateway.SkipReason is null) app.Store.Be(Trouble.None);
        return Task.CompletedTask;
    }

    [CephTheory]
    [InlineData("Silent", 0)]
    [InlineData("Busy", 0)]
    [InlineData("Cut", 0)]
    [InlineData("Stalled", 100)]
    [InlineData("Cut", 100)]
    public async Task Every_protocol_says_that_it_cannot_be_used_in_its_own_words_and_afterwards_all_is_there(string trouble, int afterBytes)
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] kept = UploadTests.RandomBytes(300_000), sent = UploadTests.RandomBytes(200_000), put = UploadTests.RandomBytes(6_000_000), assembled = UploadTests.RandomBytes(150_000);
        var text = $"plain {app.Fresh()}\n".Utf8();
        var xet = await XetClient.WriterAsync(app, repo);
        await xet.PushAsync(kept);   // mapped at once
        var head = await repo.PushAsync(null, ("w.bin", kept), ("a.txt", text));
        var (xorb, shard) = XetBodies.Of(assembled);
        await xet.PostXorbAsync(xorb.Hash, xorb.Body);
        var plan = await JsonOf(await xet.GetAsync($"v2/reconstructions/{XetBodies.FileHash(kept)}"));
        var run = plan.GetProperty("xorbs").EnumerateObject().Single().Value[0].GetProperty("url").GetString()![ArtifactApp.PublicUrl.Length..];
        var download = (await repo.BatchAsync("download", kept)).Href("download");
        var upload = await UploadTests.CreateAsync(repo, sent);
        await UploadTests.PatchAsync(repo, upload, 0, sent[..100_000]);

        app.Store.Be(Enum.Parse<Trouble>(trouble), afterBytes);
        var (owner, name) = (repo.View.Owner, repo.View.Name);
        await Task.WhenAll(
            RefusedAsync(() => repo.Http.GetAsync($"{repo.Url}/files/main/w.bin"), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["w.bin"])), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(put)}", new ByteArrayContent(put)), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => UploadTests.SendAsync(repo, upload, "100000", sent[100_000..]), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => repo.Http.GetAsync($"/{owner}/{name}/resolve/main/w.bin"), async answer => Assert.NotEmpty((await JsonOf(answer)).GetProperty("error").GetString()!)),
            RefusedAsync(() => repo.Http.GetAsync(download), async answer => Assert.NotEmpty((await JsonOf(answer)).GetProperty("message").GetString()!)),
            RefusedAsync(() => repo.Http.GetAsync($"/v2/{owner}/{name}/blobs/sha256:{Repo.Hash(kept)}"), async answer => Assert.NotEmpty((await JsonOf(answer)).GetProperty("errors")[0].GetProperty("code").GetString()!)),
            RefusedAsync(() => repo.Http.GetAsync($"{repo.Url}/archive/main.tar"), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => repo.Http.GetAsync($"{repo.Url}/archive/main.tar.gz"), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => repo.Http.GetAsync($"{repo.Url}/archive/main.zip"), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{repo.Url}/archive/main.tar") { Headers = { Range = new(5000, null) } }), async answer => await answer.ShouldBeProblemAsync(503, "store.unreachable")),
            RefusedAsync(() => xet.GetAsync(run, "bytes=0-99999"), async answer => Assert.NotEmpty((await JsonOf(answer)).GetProperty("error").GetString()!)),
            RefusedAsync(() => xet.PostAsync("v1/shards", shard), async answer => Assert.NotEmpty((await JsonOf(answer)).GetProperty("error").GetString()!)),
            GitSaysAsync(repo), DegradedAsync());
        await ShardSaysAsync(xet, shard);
        Assert.Equal(head.Id, (await repo.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main")).Id);   // what needs no bytes goes on

        app.Store.Be(Trouble.None);
        Assert.Equal(kept, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/w.bin"));
        await repo.TryCommitAsync(head.Id, "x", new FileOperation("p.bin", Repo.Hash(put))).ShouldBeProblemAsync(422, "blob.missing");
        using (var done = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null)) Assert.True((await done.ReadAsync<UploadView>()).Complete);
        using (var made = await xet.PostAsync("v1/shards", shard)) await made.ShouldBeAsync(HttpStatusCode.OK);
        await repo.CommitAsync(head.Id, "x", new FileOperation("x.bin", Repo.Hash(assembled)));
        head = await repo.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main");
        await repo.PushAsync(head.Id, ("p.bin", put), ("s.bin", sent));
        Assert.Equal(assembled, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/x.bin"));
        Assert.Equal(put, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/p.bin"));
        using var health = await app.Anonymous().GetAsync("/health");
        Assert.DoesNotContain("does not answer", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, app.StoredFiles("temporary"));
    }

    [CephTheory]
    [InlineData("Cut")]
    [InlineData("Stalled")]
    public async Task An_answer_that_breaks_off_midway_is_asked_for_again_from_there_and_if_it_always_does_it_is_not_whole(string trouble)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(3_000_000);
        await repo.PushAsync(null, ("w.bin", content));
        foreach (var times in new[] { 1, 2 })
        {
            app.Store.Be(Enum.Parse<Trouble>(trouble), 500_000, times);
            Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/w.bin"));
        }
        // From the second MiB on, each try gives less than half a one: never the end.
        app.Store.Be(Enum.Parse<Trouble>(trouble), 1000);
        await Task.WhenAll(BreaksOffAsync(repo, $"{repo.Url}/files/main/w.bin"), BreaksOffAsync(repo, $"{repo.Url}/archive/main.zip"), BreaksOffAsync(repo, $"{repo.Url}/archive/main.tar.gz"));
        app.Store.Be(Trouble.None);
        Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/w.bin"));
    }

    [CephFact]
    public async Task A_put_that_breaks_off_midway_is_tried_again()
    {
        var (_, repo) = await app.ARepositoryAsync();
        for (var round = 0; round < 6; round++)
        {
            var content = UploadTests.RandomBytes(round % 2 == 0 ? 700_000 : 6_000_000);
            app.Store.Be(Trouble.Cut, 100_000 * (round + 1), times: 1);
            await repo.PutBlobAsync(content);
            app.Store.Be(Trouble.None);
            var head = await repo.CommitAsync(round == 0 ? null : (await repo.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main")).Id, "push", new FileOperation($"{round}.bin", Repo.Hash(content)));
            Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/{round}.bin"));
        }
    }

    private static async Task RefusedAsync(Func<Task<HttpResponseMessage>> ask, Func<HttpResponseMessage, Task> check)
    {
        var clock = Stopwatch.StartNew();
        using var answer = await ask();
        await answer.ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
        await check(answer);
        Assert.True(clock.Elapsed < s_bound, $"{answer.RequestMessage?.RequestUri}: {clock.Elapsed}");
    }

    private static async Task BreaksOffAsync(Repo repo, string url)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            using var answer = await repo.Http.GetAsync(url);
            Assert.False(answer.IsSuccessStatusCode, $"{url}: {answer.StatusCode} with {answer.Content.Headers.ContentLength} bytes");
        }
        catch (HttpRequestException)
        {
            // the answer had begun
        }
        Assert.True(clock.Elapsed < 2 * s_bound, $"{url}: {clock.Elapsed}");
    }

    /// <summary>Its answer has begun when the first blob is asked for; git shows the last line of it.</summary>
    private static async Task GitSaysAsync(Repo repo)
    {
        var clock = Stopwatch.StartNew();
        using var git = new Tool();
        var (code, _, error) = await git.TryGitAsync(repo, "clone", repo.GitUrl(), "kit");
        Assert.True(code != 0 && error.Contains("cannot read its stored files just now", StringComparison.Ordinal), error);
        Assert.True(clock.Elapsed < 2 * s_bound, $"{clock.Elapsed}");
    }

    /// <summary>In its status, or once it has begun to tell how far it is, in its last line.</summary>
    private static async Task ShardSaysAsync(XetClient xet, byte[] shard)
    {
        using var answer = await xet.PostAsync("v2/shards", shard);
        var said = (await answer.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1];
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return;
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var last = JsonDocument.Parse(said).RootElement;
        Assert.True(last.GetProperty("type").GetString() == "error" && last.GetProperty("retryable").GetBoolean() && last.GetProperty("message").GetString()!.Contains("cannot be reached", StringComparison.Ordinal), said);
    }

    private async Task DegradedAsync()
    {
        var clock = Stopwatch.StartNew();
        using var health = await app.Anonymous().GetAsync("/health");
        await health.ShouldBeAsync(HttpStatusCode.OK);
        var parts = (await JsonOf(health)).GetProperty("parts");
        Assert.Equal("Degraded", parts.GetProperty("objects").GetProperty("status").GetString());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>();
}
