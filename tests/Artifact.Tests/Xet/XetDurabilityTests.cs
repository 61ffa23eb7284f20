using System.Net;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Xet;

public sealed class XetDurabilityTests(ArtifactProcess service) : IClassFixture<ArtifactProcess>
{
    [Fact]
    public async Task Kill_9_between_xorb_shard_and_commit_loses_nothing_acknowledged_nor_the_token()
    {
        var repo = await service.ARepositoryAsync();
        var content = XetFiles.Random("killed", 800_000);
        var ((xorb, body), shard) = XetBodies.Of(content);
        var client = new XetClient(service.Anonymous(), await XetClient.TokenAsync(repo, "write"));
        await client.PostXorbAsync(xorb, body);
        await service.KillAsync();
        await service.RunAsync();
        using var stored = await client.PostAsync("v1/shards", shard);
        await stored.ShouldBeAsync(HttpStatusCode.OK);
        await service.KillAsync();
        await service.RunAsync();
        await repo.CommitAsync(null, "after two kills", new FileOperation("model.bin", Repo.Hash(content)));
        Assert.Equal(Repo.Hash(content), Repo.Hash(await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/model.bin")));
    }
}
