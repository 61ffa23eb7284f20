using System.Net;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests;

/// <summary>Alone, because it stops the server that all tests share.</summary>
[CollectionDefinition("outage", DisableParallelization = true)]
public sealed class OutageCollection;

[Collection("outage")]
public sealed class OutageTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task While_PostgreSQL_is_down_the_answer_is_503_and_afterwards_nothing_is_lost()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(200_000);
        var upload = await UploadTests.CreateAsync(repo, content);
        await UploadTests.PatchAsync(repo, upload, 0, content[..100_000]);
        var sha256 = await repo.PutBlobAsync("kept".Utf8());
        var server = await PostgresServer.Shared;
        await server.StopAsync();
        try
        {
            foreach (var asking in new[]
            {
                repo.Http.GetAsync(repo.Url), repo.TryCommitAsync(null, "x", new FileOperation("a", sha256)),
                repo.Http.PutAsync($"{repo.Url}/blobs/{sha256}", new ByteArrayContent("kept".Utf8())), UploadTests.SendAsync(repo, upload, "100000", content[100_000..]),
            })
            {
                using var answer = await asking;
                await answer.ShouldBeProblemAsync(503, "database.unreachable");
                Assert.NotNull(answer.Headers.RetryAfter);
            }
        }
        finally
        {
            await server.RestartAsync();
        }
        for (var i = 0; i < 50 && (await repo.Http.GetAsync(repo.Url)).StatusCode != HttpStatusCode.OK; i++) await Task.Delay(100);
        Assert.Equal("100000", await UploadTests.HeadAsync(repo, upload));
        await UploadTests.PatchAsync(repo, upload, 100_000, content[100_000..]);
        await repo.CommitAsync(null, "x", new FileOperation("a", sha256), new FileOperation("w.bin", upload.Sha256));
    }
}
