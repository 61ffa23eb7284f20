using System.Net;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>What was received whole is kept though its client, or a proxy, did not wait for it.</summary>
public sealed class ClientsThatLeaveTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task A_shard_goes_on_and_the_same_one_sent_again_waits_and_finds_it(string version)
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(400_000);
        var (xorb, shard) = XetBodies.Of(content);
        var client = await XetClient.WriterAsync(app, repo);
        await client.PostXorbAsync(xorb.Hash, xorb.Body);
        Task<HttpResponseMessage> again;
        await using (await HeldQuota.OfAsync(app, ada))
        {
            await LeaveAsync(ct => client.PostAsync($"{version}/shards", shard, ct), content);
            again = client.PostAsync($"{version}/shards", shard);
            for (var i = 0; app.StoredFiles("temporary") < 3; i++)   // the first one's shard, the lock, the second one's shard
            {
                Assert.True(i < 300, "The second request has not come, or the first one ended with its client.");
                await Task.Delay(20);
            }
            Assert.False(again.IsCompleted);
        }
        using var answer = await again;
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var last = JsonDocument.Parse((await answer.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal(0, last.GetProperty("result").GetInt32());   // nothing was to be made
        Assert.Equal((0, 0), (app.StoredFiles("temporary"), app.StoredFiles("xorbs")));
        await repo.CommitAsync(null, "x", new FileOperation("w.bin", Repo.Hash(content)));
        Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/w.bin"));
    }

    [Fact]
    public async Task A_blob_in_one_request_is_kept()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(100_000);
        await using (await HeldQuota.OfAsync(app, ada))
            await LeaveAsync(ct => repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(content)}", new ByteArrayContent(content), ct), content);
        for (var i = 0; ; i++)
        {
            using var asked = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new BlobReference(Repo.Hash(content), content.Length)]));
            if ((await asked.ReadAsync<MissingBlobsAnswer>()).Missing.Count == 0) return;
            Assert.True(i < 100, "It was not noted.");
            await Task.Delay(50);
        }
    }

    /// <summary>Sends, and leaves once the bytes are kept.</summary>
    private async Task LeaveAsync(Func<CancellationToken, Task<HttpResponseMessage>> send, byte[] content)
    {
        using var leave = new CancellationTokenSource();
        var sending = send(leave.Token);
        var (sha256, kept) = (Repo.Hash(content), false);
        for (var i = 0; i < 300 && !kept; i++)
        {
            await Task.Delay(20);
            kept = File.Exists(Path.Combine(app.DataFolder, "artifact", "blobs", sha256[..2], sha256[2..4], sha256));
        }
        Assert.True(kept && !sending.IsCompleted);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Task.Delay(300);   // so that the service has seen it
    }
}
