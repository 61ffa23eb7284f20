using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Storage;

public sealed class ScrubTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_flipped_bit_is_found_told_and_never_served_until_the_same_bytes_come_again()
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] bytes = UploadTests.RandomBytes(300_000), sound = UploadTests.RandomBytes(1000);
        var head = await repo.PushAsync(null, ("w.bin", bytes), ("sound.bin", sound));
        Assert.Equal(0, await ScrubAsync());
        var sha256 = Repo.Hash(bytes);
        var path = Path.Combine(app.DataFolder, "artifact", "blobs", sha256[..2], sha256[2..4], sha256);
        await using (var file = File.OpenWrite(path))
        {
            file.Position = 200_000;
            file.WriteByte((byte)(bytes[200_000] ^ 0x10));
        }
        await RescrubAsync();
        Assert.Equal(1, await ScrubAsync());
        await repo.Http.GetAsync($"{repo.Url}/files/{head.Id}/w.bin").ShouldBeProblemAsync(500, "blob.damaged");
        Assert.Equal(sound, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/sound.bin"));
        Assert.Single(Directory.GetFiles(Path.Combine(app.DataFolder, "artifact", "damaged")), file => Path.GetFileName(file).StartsWith(sha256, StringComparison.Ordinal));
        Assert.Contains("\"Degraded\"", await HealthAsync(), StringComparison.Ordinal);
        Assert.Contains("1 blobs are damaged", await HealthAsync(), StringComparison.Ordinal);
        // A push asks for it again, and mends it.
        using var asked = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new BlobReference(sha256, bytes.Length)]));
        Assert.Equal([sha256], (await asked.ReadAsync<MissingBlobsAnswer>()).Missing);
        await repo.PutBlobAsync(bytes);
        Assert.Equal(bytes, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/w.bin"));
        Assert.DoesNotContain("damaged", await HealthAsync(), StringComparison.Ordinal);
        await RescrubAsync();
        Assert.Equal(0, await ScrubAsync());
    }

    /// <summary>Reads all that is due; how many are damaged then.</summary>
    private async Task<int> ScrubAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        var scrub = scope.ServiceProvider.GetRequiredService<ScrubBlobs>();
        for (var i = 0; await scrub.RunNextAsync(default); i++) Assert.True(i < 100, "It does not end.");
        return scope.ServiceProvider.GetRequiredService<ArtifactDb>().Blobs.Count(blob => blob.DamagedAt != null);
    }

    /// <summary>As if the interval had gone by.</summary>
    private async Task RescrubAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        await using var command = source.CreateCommand("update blobs set scrubbed_at = null");
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> HealthAsync()
    {
        using var answer = await app.Anonymous().GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}
