using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Storage;

/// <summary>What something that was killed left behind.</summary>
public sealed class ForgottenTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task Old_files_and_folders_that_nothing_owns_go_and_everything_else_stays()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await UploadTests.CreateAsync(repo, UploadTests.RandomBytes(1000));
        await UploadTests.PatchAsync(repo, upload, 0, [1, 2, 3]);
        var ((hash, body), _) = XetBodies.Of(UploadTests.RandomBytes(100_000));
        await (await XetClient.WriterAsync(app, repo)).PostXorbAsync(hash, body);
        var xorb = Directory.GetFiles(At("xorbs")).Single();
        string old = At("temporary", $"{Guid.CreateVersion7()}"), oldFolder = At("temporary", $"{Guid.CreateVersion7()}"), young = At("temporary", $"{Guid.CreateVersion7()}"),
            orphan = At("uploads", $"{Guid.CreateVersion7()}"), lost = At("xorbs", $"{Guid.CreateVersion7()}");
        Directory.CreateDirectory(oldFolder);
        foreach (var file in new[] { old, Path.Combine(oldFolder, "0"), young, orphan, lost }) await File.WriteAllTextAsync(file, "left");
        foreach (var path in new[] { old, orphan, lost, At("uploads", $"{upload.Id}"), xorb }) File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        Directory.SetLastWriteTimeUtc(oldFolder, DateTime.UnixEpoch);

        await using (var scope = app.Services.CreateAsyncScope()) await scope.ServiceProvider.GetRequiredService<DeleteForgotten>().RunAsync(default);
        Assert.Equal([young], Directory.GetFileSystemEntries(At("temporary")));
        Assert.Equal([At("uploads", $"{upload.Id}")], Directory.GetFileSystemEntries(At("uploads")));
        Assert.Equal([xorb], Directory.GetFileSystemEntries(At("xorbs")));
        Assert.Equal("3", await UploadTests.HeadAsync(repo, upload));
        File.Delete(young);
    }

    private string At(params string[] parts) => Path.Combine([app.DataFolder, "artifact", .. parts]);
}

public sealed class TemporaryTests(ArtifactProcess service) : IClassFixture<ArtifactProcess>
{
    [Fact]
    public async Task What_a_kill_leaves_in_temporary_is_gone_after_the_start_unless_another_process_is_using_it()
    {
        var repo = await service.ARepositoryAsync();
        await DieInABatchAsync(repo);
        Assert.NotEmpty(Left());
        using (File.OpenHandle(Path.Combine(service.DataFolder, "artifact", "in-use"), FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            await service.RunAsync();   // as beside the old process that still ends its requests
            Assert.NotEmpty(Left());
            await service.KillAsync();
        }
        await service.RunAsync();
        Assert.Empty(Left());
    }

    private string[] Left() => Directory.GetFileSystemEntries(Path.Combine(service.DataFolder, "artifact", "temporary"));

    private async Task DieInABatchAsync(Repo repo)
    {
        await File.WriteAllTextAsync(service.Failpoint, "batch.synced");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(new byte[][] { [1, 2, 3] }.Framed())));
        Assert.True(await service.DiedAsync());
        File.Delete(service.Failpoint);
    }
}
