using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.NeverLost;

/// <summary>Kills while a damaged object is taken away: copied aside, deleted, noted.</summary>
[Trait("Category", "Long")]
public sealed class S3ScrubKillTests(ArtifactProcessOnS3 service) : IClassFixture<ArtifactProcessOnS3>
{
    [CephTheory]
    [InlineData("scrub.copied")]
    [InlineData("delete.noted")]
    [InlineData("delete.done")]
    [InlineData("scrub.found")]
    public async Task Wherever_it_dies_the_wrong_bytes_go_the_others_stay_and_the_right_ones_mend_it(string place)
    {
        var repo = await service.ARepositoryAsync();
        byte[] content = UploadTests.RandomBytes(5000), sound = UploadTests.RandomBytes(5000);
        var head = await repo.PushAsync(null, ("w.bin", content), ("sound.bin", sound));
        byte[] rotten = [.. content];
        rotten[4000] ^= 8;
        await service.Objects.OverwriteAsync(Repo.Hash(content), rotten);

        await File.WriteAllTextAsync(service.Failpoint, place);
        await ReadAsync(repo);   // finds it wrong: it is looked at, at once
        for (var i = 0; !await service.DiedAsync(); i++) Assert.True(i < 50, $"{place} was not reached.");
        File.Delete(service.Failpoint);
        await service.RunAsync();

        await ReadAsync(repo);
        for (var i = 0; (await service.Objects.KeysAsync("blobs/")).Any(key => key.EndsWith(Repo.Hash(content), StringComparison.Ordinal)); i++)
        {
            Assert.True(i < 100, "It was not taken away.");
            await Task.Delay(100);
        }
        await repo.Http.GetAsync($"{repo.Url}/files/main/w.bin").ShouldBeProblemAsync(500, "blob.damaged");
        Assert.Contains(await service.Objects.KeysAsync("damaged/"), key => key.Contains(Repo.Hash(content), StringComparison.Ordinal));
        Assert.Equal(sound, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/sound.bin"));
        using (var asked = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new BlobReference(Repo.Hash(content), content.Length)])))
            Assert.Equal([Repo.Hash(content)], (await asked.ReadAsync<MissingBlobsAnswer>()).Missing);
        await repo.PutBlobAsync(content);   // after a delete that nobody heard the end of, this waits
        Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/w.bin"));
        await service.Objects.CheckAsync();
        Assert.Equal(0, await service.CountAsync("blob_keeps"));
    }

    /// <summary>By the way on which bytes are compared with their hash; it may die meanwhile.</summary>
    private static async Task ReadAsync(Repo repo)
    {
        try
        {
            await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["w.bin"])).ShouldBeProblemAsync(500, "blob.damaged");
        }
        catch (HttpRequestException)
        {
        }
    }
}
