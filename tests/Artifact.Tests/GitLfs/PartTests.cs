using System.Net;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.GitLfs;

/// <summary>Objects above <c>Artifact:PartBytes</c>, 100,000 here, in parts.</summary>
public sealed class PartTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _content = UploadTests.RandomBytes(250_000);

    private byte[] Part(int part) => _content[((part - 1) * 100_000)..Math.Min(part * 100_000, _content.Length)];

    [Fact]
    public async Task Parts_come_in_any_order_and_at_once_and_make_the_object()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (parts, complete, _) = await BeginAsync(repo);
        Assert.Equal(3, parts.Count);
        foreach (var etag in await Task.WhenAll(new[] { 3, 1, 2, 2 }.Select(async part =>
        {
            using var put = await app.Anonymous().PutAsync(parts[part - 1], new ByteArrayContent(Part(part)));
            await put.ShouldBeAsync(HttpStatusCode.OK);
            return put.Headers.ETag;
        }))) Assert.NotNull(etag);
        using var done = await CompleteAsync(complete);
        await done.ShouldBeAsync(HttpStatusCode.OK);
        using var again = await CompleteAsync(complete);
        await again.ShouldBeAsync(HttpStatusCode.OK);
        using var late = await app.Anonymous().PutAsync(parts[0], new ByteArrayContent(Part(1)));   // a retry whose answer was lost
        await late.ShouldBeAsync(HttpStatusCode.OK);

        Assert.False((await repo.BatchAsync("upload", _content)).TryGetProperty("actions", out _));
        await repo.CommitAsync(null, "x", new FileOperation("w.bin", Repo.Hash(_content)));
        Assert.Equal(_content, await repo.Http.GetByteArrayAsync((await repo.BatchAsync("download", _content)).Href("download")));
        Assert.False(File.Exists(Path.Combine(app.DataFolder, "artifact", "uploads", complete.Split('?')[0].Split('/')[^1])));
    }

    [Fact]
    public async Task While_it_is_completed_a_client_is_told_to_come_again_rather_than_that_it_failed()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (parts, complete, _) = await BeginAsync(repo);
        for (var part = 1; part <= 3; part++) await (await repo.Http.PutAsync(parts[part - 1], new ByteArrayContent(Part(part)))).ShouldBeAsync(HttpStatusCode.OK);
        var file = Path.Combine(app.DataFolder, "artifact", "uploads", complete.Split('?')[0].Split('/')[^1]);
        Task<HttpResponseMessage> completing;
        using (File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))   // as whoever completes it
        {
            using (var early = await repo.Http.PutAsync(parts[0], new ByteArrayContent(Part(1))))
            {
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (early.StatusCode, early.Headers.RetryAfter?.ToString()));
                Assert.Contains("Nothing is lost", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
            completing = CompleteAsync(complete);
            await Task.Delay(200);
            Assert.False(completing.IsCompleted);
        }
        await (await completing).ShouldBeAsync(HttpStatusCode.OK);
        await (await repo.Http.PutAsync(parts[0], new ByteArrayContent(Part(1)))).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_missing_short_or_long_does_not_count()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (parts, complete, _) = await BeginAsync(repo);
        await repo.Http.PutAsync(parts[0], new ByteArrayContent(Part(1)[..^1])).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(parts[0], new Unsized(Part(1)[..^1])).ShouldBeLfsErrorAsync(422);
        await repo.Http.PutAsync(parts[0], new Unsized([.. Part(1), 1])).ShouldBeLfsErrorAsync(422);
        await (await repo.Http.PutAsync(parts[0], new ByteArrayContent(Part(1)))).ShouldBeAsync(HttpStatusCode.OK);
        await (await repo.Http.PutAsync(parts[1], new ByteArrayContent(Part(2)))).ShouldBeAsync(HttpStatusCode.OK);
        await CompleteAsync(complete).ShouldBeLfsErrorAsync(422);
        // Another batch call, by another process, goes on with what is there.
        var (same, _, _) = await BeginAsync(repo);
        Assert.Equal(parts.Select(part => part.Split('?')[0]), same.Select(part => part.Split('?')[0]));
        await (await repo.Http.PutAsync(same[2], new ByteArrayContent(Part(3)))).ShouldBeAsync(HttpStatusCode.OK);
        await (await CompleteAsync(complete)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Parts_of_other_bytes_are_refused_in_the_end_and_leave_nothing()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (parts, complete, _) = await BeginAsync(repo);
        for (var part = 1; part <= 3; part++)
            await (await repo.Http.PutAsync(parts[part - 1], new ByteArrayContent(UploadTests.RandomBytes(Part(part).Length)))).ShouldBeAsync(HttpStatusCode.OK);
        await CompleteAsync(complete).ShouldBeLfsErrorAsync(422);
        await CompleteAsync(complete).ShouldBeLfsErrorAsync(404);
        Assert.True((await repo.BatchAsync("upload", _content)).TryGetProperty("actions", out _));
    }

    [Fact]
    public async Task An_address_is_good_for_its_own_part_and_upload()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (_, other) = await app.ARepositoryAsync();
        var (parts, complete, _) = await BeginAsync(repo);
        var (others, _, _) = await BeginAsync(other);
        string With(string path, string capability) => path.Split('?')[0] + "?" + capability.Split('?')[1];
        await repo.Http.PutAsync(With(parts[1], parts[0]), new ByteArrayContent(Part(2))).ShouldBeLfsErrorAsync(403);
        await repo.Http.PutAsync(With(others[0], parts[0]), new ByteArrayContent(Part(1))).ShouldBeLfsErrorAsync(404);
        await repo.Http.PutAsync(With(parts[0].Replace("parts/", "parts/x", StringComparison.Ordinal), parts[0]), new ByteArrayContent(Part(1))).ContinueWith(
            async asked => Assert.Equal(HttpStatusCode.NotFound, (await asked).StatusCode)).Unwrap();
        await CompleteAsync(With(complete, parts[0])).ShouldBeLfsErrorAsync(403);
    }

    [Fact]
    public async Task A_client_that_knows_no_parts_sends_the_whole()
    {
        var (_, repo) = await app.ARepositoryAsync();
        using var answer = await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new
        {
            operation = "upload", transfers = new[] { "basic", "tus" }, objects = new[] { new { oid = Repo.Hash(_content), size = _content.Length } },
        });
        var json = await answer.JsonAsync();
        Assert.Equal("basic", json.GetProperty("transfer").GetString());
        using var put = await repo.Http.PutAsync(json.GetProperty("objects")[0].Href("upload"), new ByteArrayContent(_content));
        await put.ShouldBeAsync(HttpStatusCode.OK);
    }

    private async Task<(IReadOnlyList<string> Parts, string Complete, JsonElement Entry)> BeginAsync(Repo repo)
    {
        var entry = await repo.BatchAsync("upload", _content);
        var upload = entry.GetProperty("actions").GetProperty("upload");
        Assert.Equal("100000", upload.GetProperty("header").GetProperty("chunk_size").GetString());
        var parts = upload.GetProperty("header").EnumerateObject().Where(header => header.Name.All(char.IsAsciiDigit)).OrderBy(header => header.Name, StringComparer.Ordinal)
            .Select(header => Lfs.Path(header.Value.GetString()!)).ToList();
        return (parts, entry.Href("upload"), entry);
    }

    private Task<HttpResponseMessage> CompleteAsync(string href) => app.Anonymous().PostLfsAsync(href, new { oid = Repo.Hash(_content), parts = new[] { new { partNumber = 1, etag = "\"e\"" } } });
}
