using Xunit.Abstractions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.NeverLost;

/// <summary>Kills with blobs on the local disk. Places of sweeps are left to SweepKillTests.</summary>
/// <remarks><c>ZOO_KILL_TRIALS</c> sets how often (<c>./zoo measure kill</c>), <c>ZOO_KILL_SEED</c> repeats a run.</remarks>
public sealed class KillTests(ArtifactProcess service, ITestOutputHelper output) : IClassFixture<ArtifactProcess>
{
    private static readonly string[] s_places = KillTrials.Places("/S3/", "sweep", "take", "scrub");

    [Fact]
    public Task Twenty_kills_lose_nothing() => new KillTrials(service, s_places, output).RunAsync(20);

    [Fact, Trait("Category", "Long")]
    public Task Two_hundred_kills_lose_nothing() => new KillTrials(service, s_places, output).RunAsync(KillTrials.Number("ZOO_KILL_TRIALS") ?? 200);

    [Fact]
    public void There_are_places_to_die_at() => Assert.True(s_places.Length >= 18, string.Join(' ', s_places));
}

/// <summary>Kills with blobs in a bucket, while garbage is swept. Places of the scrubber are left to S3ScrubKillTests.</summary>
public sealed class S3KillTests(ArtifactProcessOnS3 service, ITestOutputHelper output) : IClassFixture<ArtifactProcessOnS3>
{
    private static readonly string[] s_places = KillTrials.Places("/Local/", "scrub");

    [CephFact, Trait("Category", "Long")]
    public async Task Kills_lose_nothing_in_a_bucket_and_leave_no_marks()
    {
        await new KillTrials(service, s_places, output).RunAsync(KillTrials.Number("ZOO_KILL_TRIALS") ?? 60, sweeping: true, async () => Assert.Equal(0, await service.CountAsync("blob_keeps")));
        var (objects, unfinished) = await service.Objects.CheckAsync();
        output.WriteLine($"{objects} objects, each what its name says; {unfinished} puts in parts are left to the daily sweep.");
    }

    [CephFact, Trait("Category", "Long")]
    public async Task Marks_of_a_process_that_still_uses_the_spool_stay()
    {
        var repo = await service.ARepositoryAsync();
        await File.WriteAllTextAsync(service.Failpoint, "keep.put");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => repo.PutBlobAsync("in the bucket, without a row".Utf8()));
        Assert.True(await service.DiedAsync());
        File.Delete(service.Failpoint);
        using (File.OpenHandle(Path.Combine(service.DataFolder, "artifact", "in-use"), FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            await service.RunAsync();   // as beside the old process that still ends its requests
            Assert.Equal(1, await service.CountAsync("blob_keeps"));
            await service.KillAsync();
        }
        await service.RunAsync();
        Assert.Equal(0, await service.CountAsync("blob_keeps"));
    }

    [Fact]
    public void There_are_places_to_die_at() => Assert.True(s_places.Length >= 26, string.Join(' ', s_places));
}
