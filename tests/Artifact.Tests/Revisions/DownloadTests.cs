using System.Net;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;

namespace ZooPlatform.Artifact.Tests.Revisions;

public sealed class DownloadTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _content = UploadTests.RandomBytes(200_000);

    [Fact]
    public async Task A_file_comes_whole_with_its_digest_and_never_as_a_page()
    {
        var (repo, url) = await AFileAsync("pages/in dex.html", Visibility.Private);
        using var answer = await repo.Http.GetAsync(url);
        Assert.Equal(_content, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{Repo.Hash(_content)}\"", answer.Headers.ETag?.ToString());
        Assert.Equal($"sha-256=:{Convert.ToBase64String(Convert.FromHexString(Repo.Hash(_content)))}:", answer.Headers.GetValues("Repr-Digest").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(("attachment", "application/octet-stream"), (answer.Content.Headers.ContentDisposition?.DispositionType, answer.Content.Headers.ContentType?.MediaType));
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
    }

    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=199990-", 199_990, 10)]
    [InlineData("bytes=-5", 199_995, 5)]
    [InlineData("bytes=100-999999", 100, 199_900)]
    public async Task A_range_comes_alone(string range, int from, int count)
    {
        var (repo, url) = await AFileAsync("w.bin");
        using var answer = await SendAsync(repo, url, ("Range", range));
        await answer.ShouldBeAsync(HttpStatusCode.PartialContent);
        Assert.Equal(_content[from..(from + count)], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal($"bytes {from}-{from + count - 1}/200000", answer.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("bytes=200000-")]
    [InlineData("bytes=9223372036854775807-")]
    public async Task A_range_beyond_the_end_is_416(string range)
    {
        var (repo, url) = await AFileAsync("w.bin");
        using var answer = await SendAsync(repo, url, ("Range", range));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
    }

    [Fact]
    public async Task What_the_client_has_is_not_sent_again_and_a_changed_file_is_sent_whole()
    {
        var (repo, url) = await AFileAsync("w.bin");
        var tag = $"\"{Repo.Hash(_content)}\"";
        Assert.Equal(HttpStatusCode.NotModified, (await SendAsync(repo, url, ("If-None-Match", tag))).StatusCode);
        Assert.Equal(HttpStatusCode.PartialContent, (await SendAsync(repo, url, ("If-Range", tag), ("Range", "bytes=5-"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(repo, url, ("If-Range", $"\"{new string('0', 64)}\""), ("Range", "bytes=5-"))).StatusCode);
    }

    [Fact]
    public async Task HEAD_tells_size_and_digest_without_a_body()
    {
        var (repo, url) = await AFileAsync("w.bin");
        using var answer = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(200_000, answer.Content.Headers.ContentLength);
        Assert.Equal($"\"{Repo.Hash(_content)}\"", answer.Headers.ETag?.ToString());
    }

    [Fact]
    public async Task When_the_bytes_were_first_stored_is_not_told()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        await hidden.PushAsync(null, ("w.bin", _content));
        File.SetLastWriteTimeUtc(Directory.EnumerateFiles(Path.Combine(app.DataFolder, "artifact", "blobs"), Repo.Hash(_content), SearchOption.AllDirectories).Single(),
            new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var (_, mine) = await app.ARepositoryAsync();
        await mine.PutBlobAsync(_content);
        var revision = await mine.PushAsync(null, ("w.bin", _content));
        using var answer = await mine.Http.GetAsync($"{mine.Url}/files/main/w.bin");
        Assert.Equal(revision.CreatedAt, answer.Content.Headers.LastModified);
    }

    [Theory]
    [InlineData("main/missing")]
    [InlineData("main/folder")]
    [InlineData("main/folder/w.bin/x")]
    [InlineData("main/..%2f..%2fetc%2fpasswd")]
    public async Task What_is_no_file_is_404(string path)
    {
        var (repo, _) = await AFileAsync("folder/w.bin");
        await repo.Http.GetAsync($"{repo.Url}/files/{path}").ShouldBeProblemAsync(404, "file.unknown");
    }

    [Fact]
    public async Task Anybody_may_download_what_is_public()
    {
        var (_, url) = await AFileAsync("w.bin", Visibility.Public);
        Assert.Equal(_content, await app.Anonymous().GetByteArrayAsync(url));
    }

    private async Task<(Repo Repo, string Url)> AFileAsync(string path, Visibility visibility = Visibility.Private)
    {
        var (_, repo) = await app.ARepositoryAsync(visibility);
        await repo.PushAsync(null, (path, _content));
        return (repo, $"{repo.Url}/files/main/{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}");
    }

    private static Task<HttpResponseMessage> SendAsync(Repo repo, string url, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return repo.Http.SendAsync(request);
    }
}
