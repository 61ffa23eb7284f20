using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests;

/// <summary>What was acknowledged stays, whatever dies.</summary>
public sealed class DurabilityTests(ArtifactProcess service) : IClassFixture<ArtifactProcess>
{
    [Fact]
    public async Task Kill_9_between_upload_and_commit_loses_nothing_acknowledged()
    {
        var repo = await service.ARepositoryAsync();
        byte[] whole = UploadTests.RandomBytes(300_000), half = UploadTests.RandomBytes(500_000);
        var sha256 = await repo.PutBlobAsync(whole);
        var upload = await UploadTests.CreateAsync(repo, half);
        await UploadTests.PatchAsync(repo, upload, 0, half[..200_000]);

        await service.KillAsync();
        await service.RunAsync();

        Assert.Equal("200000", await UploadTests.HeadAsync(repo, upload));
        await UploadTests.PatchAsync(repo, upload, 200_000, half[200_000..]);
        var revision = await repo.CommitAsync(null, "after the kill", new FileOperation("whole.bin", sha256), new FileOperation("half.bin", upload.Sha256));
        Assert.Equal(whole, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/whole.bin"));
        Assert.Equal(half, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/half.bin"));
    }

    [Fact, Trait("Category", "Long")]   // KillTests do so with every kind of request
    public async Task Kill_9_at_any_moment_of_a_push_leaves_a_push_that_can_be_repeated()
    {
        var repo = await service.ARepositoryAsync();
        string? head = null;
        for (var trial = 0; trial < 3; trial++)
        {
            var content = UploadTests.RandomBytes(2_000_000);
            using var stop = new CancellationTokenSource();
            var pushing = PushUntilDoneAsync(repo, head, content, stop.Token);
            await Task.Delay(10 + trial * 25);
            await service.KillAsync();
            await service.RunAsync();
            head = await pushing;
            Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head}/w.bin"));
        }
        Assert.Equal(3, (await repo.Http.GetJsonAsync<Contracts.Page<RevisionView>>($"{repo.Url}/revisions")).Items.Count);
    }

    [Fact]
    public async Task A_crash_after_the_file_was_renamed_is_finished_by_completing_again()
    {
        var repo = await service.ARepositoryAsync();
        var content = UploadTests.RandomBytes(100_000);
        var upload = await UploadTests.CreateAsync(repo, content);
        await UploadTests.PatchAsync(repo, upload, 0, content);
        // As the crash would have left it: renamed and verified, but not yet staged and closed.
        await service.ExecuteAsync($"""
            delete from staged_blobs where sha256 = '{upload.Sha256}'; delete from blobs where sha256 = '{upload.Sha256}';
            update uploads set state = 'verified' where id = '{upload.Id}'
            """);
        using var again = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
        Assert.True((await again.ReadAsync<UploadView>()).Complete);
        await repo.CommitAsync(null, "x", new FileOperation("w.bin", upload.Sha256));
    }

    /// <summary>Does what a client does: asks what is there and goes on, as long as it takes.</summary>
    private static async Task<string> PushUntilDoneAsync(Repo repo, string? parent, byte[] content, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                var view = await repo.Http.GetJsonAsync<RepositoryView>(repo.Url);
                if (view.Head != parent) return view.Head!;   // the commit was made; only its answer was lost
                var upload = await UploadTests.CreateAsync(repo, content);
                for (var offset = upload.OffsetBytes; !upload.Complete; offset = upload.OffsetBytes)
                    upload = await UploadTests.PatchAsync(repo, upload, offset, content[(int)offset..(int)Math.Min(offset + 500_000, content.Length)]);
                return (await repo.CommitAsync(parent, "push", new FileOperation("w.bin", upload.Sha256))).Id;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, ct);
            }
        }
    }
}
