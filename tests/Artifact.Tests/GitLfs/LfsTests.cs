using System.Net;
using System.Net.Sockets;
using System.Text;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.GitLfs;

public sealed class LfsTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _content = UploadTests.RandomBytes(50_000);

    private string Oid => Repo.Hash(_content);

    [Fact]
    public async Task An_object_goes_up_is_verified_committed_and_comes_down_by_signed_addresses()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var up = await repo.BatchAsync("upload", _content);
        Assert.True(up.GetProperty("authenticated").GetBoolean());
        // Neither the address of the bytes nor that of the check needs a credential.
        using var put = await app.Anonymous().PutAsync(up.Href("upload"), new ByteArrayContent(_content));
        await put.ShouldBeAsync(HttpStatusCode.OK);
        using var verified = await app.Anonymous().PostLfsAsync(up.Href("verify"), new { oid = Oid, size = _content.Length });
        await verified.ShouldBeAsync(HttpStatusCode.OK);
        using var again = await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/verify", new { oid = Oid, size = _content.Length });
        await again.ShouldBeAsync(HttpStatusCode.OK);
        Assert.False((await repo.BatchAsync("upload", _content)).TryGetProperty("actions", out _));

        // Not held by a revision yet, so there is nothing to download.
        Assert.Equal(404, (await repo.BatchAsync("download", _content)).GetProperty("error").GetProperty("code").GetInt32());
        await repo.CommitAsync(null, "x", new FileOperation("w.bin", Oid));
        var down = (await repo.BatchAsync("download", _content)).Href("download");
        Assert.Equal(_content, await app.Anonymous().GetByteArrayAsync(down));
        using var range = new HttpRequestMessage(HttpMethod.Get, down) { Headers = { Range = new(49_990, null) } };
        using var tail = await app.Anonymous().SendAsync(range);
        await tail.ShouldBeAsync(HttpStatusCode.PartialContent);
        Assert.Equal(_content[49_990..], await tail.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Nobody_downloads_what_is_public_without_a_credential()
    {
        var (_, repo) = await app.ARepositoryAsync(Visibility.Public);
        await repo.PushAsync(null, ("w.bin", _content));
        var nobody = repo with { Http = app.Anonymous() };
        Assert.Equal(_content, await nobody.Http.GetByteArrayAsync((await nobody.BatchAsync("download", _content)).Href("download")));
        await nobody.TryBatchAsync("upload", (Oid, 1)).ShouldBeLfsErrorAsync(401);
    }

    [Fact]
    public async Task Hidden_is_as_missing_and_nobody_is_asked_for_a_credential()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var stranger = app.AUser();
        foreach (var operation in new[] { "download", "upload" })
        {
            await repo.As(stranger).TryBatchAsync(operation, (Oid, 1)).ShouldBeLfsErrorAsync(404);
            await (repo with { Http = app.Anonymous() }).TryBatchAsync(operation, (Oid, 1)).ShouldBeLfsErrorAsync(401);
        }
        var missing = repo with { View = repo.View with { Name = repo.View.Name[..^1] + "x" } };
        foreach (var http in new[] { stranger.Http, app.Anonymous() })
            Assert.Equal(await (missing with { Http = http }).TryBatchAsync("download", (Oid, 1)).ShapeAsync("\n\n"),
                await (repo with { Http = http }).TryBatchAsync("download", (Oid, 1)).ShapeAsync("\n\n"));
        await repo.Http.PostLfsAsync($"/datasets/{repo.View.Owner}/{repo.View.Name}.git/info/lfs/objects/batch", new { operation = "download" }).ShouldBeLfsErrorAsync(404);
    }

    [Fact]
    public async Task Who_may_only_read_uploads_nothing()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme), app.AUser(acme, Role.Reader));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        await repo.As(ben).TryBatchAsync("upload", (Oid, 1)).ShouldBeLfsErrorAsync(403);
        var readOnly = repo.As(app.Again(ada, acme, scopes: ["read"]));
        await readOnly.TryBatchAsync("upload", (Oid, 1)).ShouldBeLfsErrorAsync(403);
        await readOnly.Http.PostLfsAsync($"{repo.LfsUrl()}/verify", new { oid = Oid, size = 1 }).ShouldBeLfsErrorAsync(403);
        using var download = await readOnly.TryBatchAsync("download", (Oid, 1));
        await download.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_blob_of_somebody_elses_private_repository_has_to_be_sent()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        await hidden.PushAsync(null, ("w.bin", _content));
        var (_, mine) = await app.ARepositoryAsync();
        Assert.True((await mine.BatchAsync("upload", _content)).TryGetProperty("actions", out _));
        Assert.Equal(404, (await mine.BatchAsync("download", _content)).GetProperty("error").GetProperty("code").GetInt32());
        await mine.Http.PostLfsAsync($"{mine.LfsUrl()}/verify", new { oid = Oid, size = _content.Length }).ShouldBeLfsErrorAsync(404);
        // What anybody may read need not be sent again.
        var (_, open) = await app.ARepositoryAsync(Visibility.Public);
        await open.PushAsync(null, ("w.bin", _content));
        Assert.False((await mine.BatchAsync("upload", _content)).TryGetProperty("actions", out _));
    }

    [Fact]
    public async Task Other_bytes_than_announced_leave_nothing()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var href = (await repo.BatchAsync("upload", _content)).Href("upload");
        var before = app.StoredFiles("blobs");
        var other = UploadTests.RandomBytes(_content.Length);
        await repo.Http.PutAsync(href, new ByteArrayContent(other)).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(href, new ByteArrayContent(_content[..^1])).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(href, new ByteArrayContent([.. _content, 1])).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(href, new Unsized([.. _content, 1])).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(href, new Unsized(_content[..^1])).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(href, new ByteArrayContent(_content) { Headers = { ContentEncoding = { "gzip" } } }).ShouldBeLfsErrorAsync(415);
        await BreakOffAsync(repo, href);
        for (var i = 0; i < 50 && app.StoredFiles("temporary") > 0; i++) await Task.Delay(50);
        Assert.Equal((before, 0), (app.StoredFiles("blobs"), app.StoredFiles("temporary")));
        Assert.True((await repo.BatchAsync("upload", _content)).TryGetProperty("actions", out _));
    }

    [Fact]
    public async Task A_signed_address_is_good_for_its_verb_and_object_alone()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("w.bin", _content));
        var other = UploadTests.RandomBytes(50_000);
        var (down, up) = ((await repo.BatchAsync("download", _content)).Href("download"), (await repo.BatchAsync("upload", other)).Href("upload"));
        string With(string path, string capability) => path.Split('?')[0] + "?" + capability.Split('?')[1];
        await repo.Http.GetAsync(With(down, up)).ShouldBeLfsErrorAsync(403);
        await repo.Http.PutAsync(With(up, down), new ByteArrayContent(other)).ShouldBeLfsErrorAsync(403);
        await repo.Http.PutAsync(With(down, up), new ByteArrayContent(_content)).ShouldBeLfsErrorAsync(403);
        await repo.Http.GetAsync(down.Split('?')[0]).ShouldBeLfsErrorAsync(403);
        await repo.Http.GetAsync(down[..^1] + (down[^1] == 'A' ? 'B' : 'A')).ShouldBeLfsErrorAsync(403);
        await repo.Http.PostLfsAsync(With($"{repo.LfsUrl()}/verify", up), new { oid = Oid, size = 1 }).ShouldBeLfsErrorAsync(403);
    }

    [Fact]
    public async Task A_signed_address_dies_with_the_right()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme), app.AUser(acme));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        await repo.PushAsync(null, ("w.bin", _content));
        var other = UploadTests.RandomBytes(10);
        var (down, up) = ((await repo.As(ben).BatchAsync("download", _content)).Href("download"), (await repo.As(ben).BatchAsync("upload", other)).Href("upload"));
        app.Again(ben, null);
        var since = System.Diagnostics.Stopwatch.StartNew();
        await repo.Http.GetAsync(down).ShouldBeLfsErrorAsync(404);
        await repo.Http.PutAsync(up, new ByteArrayContent(other)).ShouldBeLfsErrorAsync(404);
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("sha256:%2e%2e")]
    [InlineData("")]
    public async Task What_names_no_object_is_an_error_of_that_object_alone(string oid)
    {
        var (_, repo) = await app.ARepositoryAsync();
        foreach (var operation in new[] { "upload", "download" })
        {
            using var answer = await repo.TryBatchAsync(operation, (oid, 5), (Oid, 5), (Oid, -1), (Oid, 1L << 50));
            await answer.ShouldBeAsync(HttpStatusCode.OK);
            var objects = (await answer.JsonAsync()).GetProperty("objects");
            Assert.Equal(422, objects[0].GetProperty("error").GetProperty("code").GetInt32());
            if (operation == "upload") Assert.True(objects[1].TryGetProperty("actions", out _) && objects[2].TryGetProperty("error", out _) && objects[3].TryGetProperty("error", out _));
        }
        Assert.NotEqual(HttpStatusCode.OK, (await repo.Http.GetAsync($"{repo.LfsUrl()}/objects/{Uri.EscapeDataString(oid)}?capability=x")).StatusCode);
    }

    [Fact]
    public async Task What_is_not_offered_says_so_in_the_protocols_words()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/locks", new { }).ShouldBeLfsErrorAsync(501);
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/locks/verify", new { }).ShouldBeLfsErrorAsync(501);
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new { operation = "download", hash_algo = "sha1", objects = new[] { new { oid = Oid, size = 1 } } }).ShouldBeLfsErrorAsync(409);
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new { operation = "steal", objects = new[] { new { oid = Oid, size = 1 } } }).ShouldBeLfsErrorAsync(422);
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new { operation = "download" }).ShouldBeLfsErrorAsync(422);
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new { operation = "download", objects = 5 }).ShouldBeLfsErrorAsync(400);
        await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new { operation = "download", objects = new object?[] { null } }).ContinueWith(async asked => await (await asked).ShouldBeAsync(HttpStatusCode.OK)).Unwrap();
    }

    /// <summary>Says that it sends all, sends a part, and goes.</summary>
    private async Task BreakOffAsync(Repo repo, string href)
    {
        var address = repo.Http.BaseAddress!;
        using var client = new TcpClient(address.Host, address.Port);
        var head = $"PUT {href} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {repo.Http.DefaultRequestHeaders.Authorization}\r\nContent-Length: {_content.Length}\r\n\r\n";
        await client.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. _content[..1000]]);
        client.Client.Shutdown(SocketShutdown.Both);
    }
}

/// <summary>A body whose length is not told: chunked.</summary>
internal sealed class Unsized(byte[] content) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(content).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
