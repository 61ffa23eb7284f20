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
        app.FlipBit(bytes, 200_000);
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

    [Fact]
    public async Task A_million_small_blobs_are_read_within_hours_and_large_ones_no_faster_than_the_option_says()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await ScrubAsync();   // what other tests left
        var damaged = "damaged 7".Utf8();
        var batch = string.Concat(Enumerable.Range(0, 1000).Select(i => i == 7 ? "damaged 7" : $"small {i}").Select(text => $"{text.Length}:{text},"));
        using (var sent = await repo.Http.PostAsync($"{repo.Url}/blobs", new StringContent(batch))) await sent.ShouldBeAsync(HttpStatusCode.OK);
        var sha256 = Repo.Hash(damaged);
        await File.WriteAllTextAsync(Path.Combine(app.DataFolder, "artifact", "blobs", sha256[..2], sha256[2..4], sha256), "Damaged 7");
        var (time, batches) = (new PassingTime(), 0);
        await using var scope = app.Services.CreateAsyncScope();
        var scrub = ActivatorUtilities.CreateInstance<ScrubBlobs>(scope.ServiceProvider, time);
        var begun = time.GetTimestamp();
        while (await scrub.RunBatchAsync(default)) batches++;
        Assert.Equal(1000 / ScrubBlobs.Batch, batches);
        var took = time.GetElapsedTime(begun);
        Assert.InRange(took, 0.9 * 1000 * ScrubBlobs.LeastBytes / (8 << 20) * TimeSpan.FromSeconds(1), 1.1 * 1000 * ScrubBlobs.LeastBytes / (8 << 20) * TimeSpan.FromSeconds(1));
        Assert.True(1000 * took < TimeSpan.FromHours(1), $"{took} for a thousand");
        // The damaged one alone was taken.
        Assert.Equal([sha256], scope.ServiceProvider.GetRequiredService<ArtifactDb>().Blobs.Where(blob => blob.DamagedAt != null).Select(blob => blob.Sha256).ToList());
        await repo.PutBlobAsync(damaged);

        await ScrubAsync();
        await repo.PutBlobAsync(UploadTests.RandomBytes(20 << 20));
        begun = time.GetTimestamp();
        Assert.True(await scrub.RunBatchAsync(default));
        Assert.InRange(time.GetElapsedTime(begun), TimeSpan.FromSeconds(2.4), TimeSpan.FromSeconds(2.6));   // 20 MiB at 8 a second
    }

    /// <summary>Reads all that is due; how many are damaged then.</summary>
    private async Task<int> ScrubAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        var scrub = scope.ServiceProvider.GetRequiredService<ScrubBlobs>();
        for (var i = 0; await scrub.RunBatchAsync(default); i++) Assert.True(i < 100, "It does not end.");
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

    /// <summary>Time that goes by only while somebody waits for it.</summary>
    private sealed class PassingTime : TimeProvider
    {
        private long _ticks = System.GetUtcNow().UtcTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref _ticks, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
