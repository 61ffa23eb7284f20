using System.IO.Pipelines;
using System.Net;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests;

public sealed class ArtifactProcessToBreak : ArtifactProcess
{
    protected override string Grace => "00:00:00";
}

/// <summary>A call to the disk fails, whichever way bytes come in: it is told as what it is, nothing half is to be seen, nothing that was there is
/// lost, and the same request succeeds once the disk is mended. The kernel's answer is strace's.</summary>
public sealed class BrokenDiskTests(ArtifactProcessToBreak service) : IClassFixture<ArtifactProcessToBreak>
{
    private const int Bytes = 200_000;

    [Theory]
    [InlineData("pwrite64", "ENOSPC", 507, "part batch hub lfs xorb shard")]
    [InlineData("fsync", "EIO", 503, "part complete hub lfs xorb shard chunks")]
    [InlineData("rename", "EIO", 503, "complete batch hub lfs xorb shard")]
    [InlineData("syncfs", "EIO", 503, "batch")]
    public async Task Whichever_call_fails_nothing_half_is_left_and_the_same_request_succeeds_later(string calls, string error, int status, string ways)
    {
        var waiting = new List<WayIn>();
        foreach (var way in ways.Split(' '))
        {
            waiting.Add(await (way switch
            {
                "part" => WayIn.PartAsync(service, Bytes),
                "complete" => WayIn.CompleteAsync(service, Bytes),
                "batch" => WayIn.BatchAsync(service, Bytes),
                "hub" => WayIn.HubAsync(service, Bytes),
                "lfs" => WayIn.LfsAsync(service, Bytes),
                "xorb" => WayIn.XorbAsync(service, Bytes),
                "shard" => WayIn.ShardAsync(service, Bytes),
                _ => WayIn.ChunksAsync(service, Bytes),
            }));
        }
        await using (await Strace.BreakAsync(service.Id, calls, error))
        {
            foreach (var way in waiting)
            {
                using var refused = await way.SendAsync();
                Assert.True((int)refused.StatusCode == status, $"{way}, {calls} {error}: {(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
                Assert.NotEqual("text/html", refused.Content.Headers.ContentType?.MediaType);
                Assert.NotEmpty(await refused.Content.ReadAsStringAsync());
            }
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("temporary")));
        foreach (var way in waiting)
        {
            await way.ShouldBeNowhereAsync(At("blobs"));
            await way.ShouldSucceedAsync();
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("temporary")));
    }

    [Fact]
    public async Task A_sweep_that_cannot_take_a_file_loses_nothing_and_what_it_left_is_no_blob()
    {
        var repo = await service.ARepositoryAsync();
        var (kept, garbage) = (UploadTests.RandomBytes(1000), UploadTests.RandomBytes(1001));
        var head = await repo.PushAsync(null, ("kept.bin", kept));
        await repo.PutBlobAsync(garbage);
        await Task.Delay(10);
        var admin = service.AnAdministrator();
        await using (await Strace.BreakAsync(service.Id, "rename", "EIO"))
        {
            using var asked = await admin.PostJsonAsync("/api/v1/storage/gc", new SweepStorage(DryRun: false));
            var ended = await admin.EndOfAsync(await asked.ReadAsync<SweepView>());
            Assert.Equal(SweepState.Failed, ended.State);
            Assert.Contains("log says why", ended.Error, StringComparison.Ordinal);
        }
        Assert.Equal(kept, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/kept.bin"));
        // Its row went first: it must be sent again, though its file is still there, and then it is there again.
        await repo.TryCommitAsync(head.Id, "x", new FileOperation("g.bin", Repo.Hash(garbage))).ShouldBeProblemAsync(422, "blob.missing");
        var again = await repo.PushAsync(head.Id, ("g.bin", garbage));
        await admin.SweepAsync();
        Assert.Equal(garbage, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{again.Id}/g.bin"));
        Assert.Empty(Directory.EnumerateFiles(At("taken")));
    }

    [Fact]
    public async Task Bytes_whose_fsync_failed_are_not_synced_again_but_asked_for_again()
    {
        // The kernel tells a failure once; a second fsync of the same bytes would succeed and mean nothing.
        var (repo, content) = (await service.ARepositoryAsync(), UploadTests.RandomBytes(4 * 1024 * 1024));
        var upload = await UploadTests.CreateAsync(repo, content);
        await using (var strace = await Strace.BreakAsync(service.Id, "fsync", "EIO"))
        {
            using var refused = await UploadTests.SendAsync(repo, upload, "0", content);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Single(await strace.StopAsync(), line => line.Contains(upload.Id.ToString(), StringComparison.Ordinal));
        }
        Assert.Equal(0, (await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).OffsetBytes);
        Assert.True((await UploadTests.PatchAsync(repo, upload, 0, content)).Complete);
    }

    [Fact]
    public async Task A_batch_under_way_while_another_is_told_of_a_broken_disk_is_not_acknowledged_either()
    {
        // The kernel tells of lost bytes once: whoever hears of it cannot know whose they were.
        var repo = await service.ARepositoryAsync();
        var contents = Enumerable.Range(0, 4).Select(_ => UploadTests.RandomBytes(100_000)).ToList();
        var framed = contents.Select(content => new[] { content }.Framed()).ToList();
        var body = new Pipe();
        var sending = repo.Http.PostAsync($"{repo.Url}/blobs", new StreamContent(body.Reader.AsStream()));
        foreach (var one in framed[..3]) await body.Writer.WriteAsync(one);
        while (!Directory.EnumerateFiles(At("temporary"), "*", SearchOption.AllDirectories).Any()) await Task.Delay(10);
        var other = await WayIn.BatchAsync(service, Bytes);
        await using (await Strace.BreakAsync(service.Id, "syncfs", "EIO"))
        {
            using var refused = await other.SendAsync();
            await refused.ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
        }
        await body.Writer.WriteAsync(framed[3]);
        await body.Writer.CompleteAsync();
        await sending.ShouldBeProblemAsync(503, "disk.broken");
        await other.ShouldSucceedAsync();
        using var again = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(contents.Framed()));
        Assert.True(again.IsSuccessStatusCode, await again.Content.ReadAsStringAsync());
    }

    private string At(string folder) => Path.Combine(service.DataFolder, "artifact", folder);
}
