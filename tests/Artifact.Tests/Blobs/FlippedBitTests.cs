using System.Net;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>A bit flips at rest, the length stays. Whatever takes the bytes through the service sees it, gives them to nobody whole, and has the file taken
/// away, long before the scrubber comes to it.</summary>
public sealed class FlippedBitTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Theory]
    [InlineData("small", 10_000)]
    [InlineData("large", 700_000)]
    [InlineData("tar", 700_000)]
    [InlineData("tar.gz", 10_000)]
    [InlineData("zip", 10_000)]
    [InlineData("git", 0)]
    [InlineData("xet", 300_000)]
    public async Task Whoever_reads_it_is_told_and_from_then_on_all_are(string way, int bytes)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = way == "git" ? $"plain text {app.Fresh()}".Utf8() : UploadTests.RandomBytes(bytes);
        if (way == "xet") await (await XetClient.WriterAsync(app, repo)).PushAsync(content);   // mapped at once
        var head = await repo.PushAsync(null, ("a-sound.txt", "sound".Utf8()), ("w", content));
        var path = app.FlipBit(content, content.Length - 5);
        await AskAsync(repo, content, way);
        for (var i = 0; File.Exists(path); i++)
        {
            Assert.True(i < 300, "Nobody looked at the file.");
            await Task.Delay(20);
        }
        await repo.Http.GetAsync($"{repo.Url}/files/main/w").ShouldBeProblemAsync(500, "blob.damaged");
        Assert.Contains(Directory.GetFiles(Path.Combine(app.DataFolder, "artifact", "damaged")), file => Path.GetFileName(file).StartsWith(Repo.Hash(content), StringComparison.Ordinal));
        await repo.PutBlobAsync(content);
        Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/w"));
    }

    private async Task AskAsync(Repo repo, byte[] content, string way)
    {
        switch (way)
        {
            case "small":   // it is told before anything is sent
                await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["a-sound.txt", "w"])).ShouldBeProblemAsync(500, "blob.damaged");
                break;
            case "large":
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["a-sound.txt", "w"])));
                break;
            case "git":
                using (var git = new Tool())
                {
                    var (code, _, error) = await git.TryGitAsync(repo, "clone", repo.GitUrl(), "kit");
                    Assert.True(code != 0 && error.Contains("are damaged", StringComparison.Ordinal), error);
                }
                break;
            case "xet":
                var reader = await XetClient.ReaderAsync(app, repo);
                await Assert.ThrowsAnyAsync<Exception>(() => reader.DownloadAsync(XetBodies.FileHash(content)));
                break;
            default:
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => repo.Http.GetAsync($"{repo.Url}/archive/main.{way}"));
                break;
        }
    }
}
