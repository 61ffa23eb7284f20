using System.Globalization;
using System.Net;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests;

/// <summary>A disk that is full, read-only or broken: told as what it is, nothing half is left, and all goes on when it is mended.</summary>
public sealed class DiskTests(ArtifactOnAScarceDisk service) : IClassFixture<ArtifactOnAScarceDisk>, IDisposable
{
    private readonly byte[] _content = UploadTests.RandomBytes(2_000_000);

    [ScarceDiskTheory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(70_000)]
    [InlineData(1_000_000)]
    [InlineData(1_999_000)]
    public async Task An_upload_keeps_what_fits_and_goes_on_when_there_is_room(long leaveBytes)
    {
        var repo = await service.ARepositoryAsync();
        var upload = await UploadTests.CreateAsync(repo, _content);
        service.Fill(leaveBytes);
        await UploadTests.SendAsync(repo, upload, "0", _content).ShouldBeProblemAsync(507, "disk.full");
        var offset = long.Parse(await UploadTests.HeadAsync(repo, upload), CultureInfo.InvariantCulture);
        Assert.InRange(offset, 0, leaveBytes);
        Assert.DoesNotContain(upload.Sha256, service.Stored("blobs"));
        await repo.TryCommitAsync(null, "too early", new FileOperation("w.bin", upload.Sha256)).ShouldBeProblemAsync(422, "blob.missing");

        service.Free();
        Assert.True((await UploadTests.PatchAsync(repo, upload, offset, _content[(int)offset..])).Complete);
        await ShouldServeAsync(repo, upload.Sha256);
    }

    [ScarceDiskTheory]
    [InlineData(0)]
    [InlineData(300_000)]
    [InlineData(1_999_000)]
    public async Task A_blob_in_one_request_is_stored_whole_or_not_at_all(long leaveBytes)
    {
        var repo = await service.ARepositoryAsync();
        var sha256 = Repo.Hash(_content);
        service.Fill(leaveBytes);
        using var body = new ByteArrayContent(_content);
        var problem = await repo.Http.PutAsync($"{repo.Url}/blobs/{sha256}", body).ShouldBeProblemAsync(507, "disk.full");
        Assert.Contains("operator", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(service.Stored("temporary"));
        Assert.DoesNotContain(sha256, service.Stored("blobs"));
        await repo.TryCommitAsync(null, "too early", new FileOperation("w.bin", sha256)).ShouldBeProblemAsync(422, "blob.missing");

        service.Free();
        await repo.PutBlobAsync(_content);
        await ShouldServeAsync(repo, sha256);
    }

    /// <summary>By all the other ways; each is sent with less room than it needs, wherever that ends. What was copied of known chunks stays.</summary>
    [ScarceDiskFact]
    public async Task Whichever_way_bytes_come_in_a_full_disk_is_told_and_with_room_the_same_request_succeeds()
    {
        var random = new Random(5);
        foreach (var prepare in new Func<ArtifactProcess, int, Task<WayIn>>[] { WayIn.PartAsync, WayIn.BatchAsync, WayIn.HubAsync, WayIn.LfsAsync, WayIn.XorbAsync, WayIn.ChunksAsync })
        {
            var way = await prepare(service, 300_000);
            foreach (var leaveBytes in new[] { 0, random.Next(1, 150_000), random.Next(150_000, 280_000) })
            {
                service.Fill(leaveBytes);
                using (var full = await way.SendAsync()) Assert.True(full.StatusCode == HttpStatusCode.InsufficientStorage || way.Name == "known chunks" && leaveBytes > 0, $"{way}, {leaveBytes} bytes left: {full.StatusCode} {await full.Content.ReadAsStringAsync()}");
                Assert.Empty(service.Stored("temporary"));
                await way.ShouldBeNowhereAsync(Path.Combine(service.Disk, "artifact", "blobs"));
                service.Free();
            }
            service.TakeAllNames();
            using (var full = await way.SendAsync()) Assert.True(full.StatusCode == HttpStatusCode.InsufficientStorage || way.Name is "a part" or "known chunks", $"{way}, no name left: {full.StatusCode}");   // they need none
            service.Free();
            await service.RemountAsync("ro");
            try
            {
                using var broken = await way.SendAsync();
                Assert.True(broken.StatusCode == HttpStatusCode.ServiceUnavailable || way.Name is "a part", $"{way}, read-only: {broken.StatusCode} {await broken.Content.ReadAsStringAsync()}");
            }
            finally
            {
                await service.RemountAsync("rw");
            }
            if (way.Name != "a xorb") await way.ShouldSucceedAsync();
            else using (var sent = await way.SendAsync()) await sent.ShouldBeAsync(HttpStatusCode.OK);   // the disk is too small for what a shard wants free
        }
    }

    [ScarceDiskFact]
    public async Task Without_room_for_a_name_nothing_begins_and_what_was_received_waits()
    {
        var repo = await service.ARepositoryAsync();
        var (received, other) = (_content[..50_000], _content[50_000..60_000]);
        var upload = await UploadTests.CreateAsync(repo, received);
        await UploadTests.PatchAsync(repo, upload, 0, received[..49_999]);
        service.TakeAllNames();
        // The last byte has room, the folder that the blob would lie in has none.
        await UploadTests.SendAsync(repo, upload, "49999", received[49_999..]).ShouldBeProblemAsync(507, "disk.full");
        await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null).ShouldBeProblemAsync(507, "disk.full");
        await repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(other)}", new ByteArrayContent(other)).ShouldBeProblemAsync(507, "disk.full");
        await UploadTests.SendAsync(repo, await UploadTests.CreateAsync(repo, other), "0", other).ShouldBeProblemAsync(507, "disk.full");
        Assert.Equal("50000", await UploadTests.HeadAsync(repo, upload));

        service.Free();
        using var again = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
        Assert.True((await again.ReadAsync<UploadView>()).Complete);
        await ShouldServeAsync(repo, upload.Sha256, received);
        await repo.PutBlobAsync(other);
    }

    [ScarceDiskFact]
    public async Task A_commit_that_finds_no_room_for_its_own_file_changes_nothing()
    {
        var repo = await service.ARepositoryAsync();
        // A name whose ending needs a line in .gitattributes, which the commit would have to store.
        var operation = new FileOperation($"w.x{Guid.CreateVersion7():N}", await repo.PutBlobAsync(_content[..1000]));
        service.Fill(0);
        await repo.TryCommitAsync(null, "no room", operation).ShouldBeProblemAsync(507, "disk.full");
        Assert.Null((await repo.Http.GetJsonAsync<RepositoryView>(repo.Url)).Head);
        Assert.Empty(service.Stored("temporary"));

        service.Free();
        await repo.CommitAsync(null, "room", operation);
    }

    [ScarceDiskFact]
    public async Task A_disk_that_became_read_only_is_told_and_what_is_there_is_still_served()
    {
        var repo = await service.ARepositoryAsync();
        var small = _content[..10_000];
        var revision = await repo.PushAsync(null, ("w.bin", small));
        var upload = await UploadTests.CreateAsync(repo, _content);
        await service.RemountAsync("ro");
        try
        {
            await UploadTests.SendAsync(repo, upload, "0", _content).ShouldBeProblemAsync(503, "disk.broken");
            await repo.Http.PutAsync($"{repo.Url}/blobs/{upload.Sha256}", new ByteArrayContent(_content)).ShouldBeProblemAsync(503, "disk.broken");
            Assert.Equal(small, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/w.bin"));
        }
        finally
        {
            await service.RemountAsync("rw");
        }
        Assert.True((await UploadTests.PatchAsync(repo, upload, 0, _content)).Complete);
    }

    public void Dispose() => service.Free();

    private async Task ShouldServeAsync(Repo repo, string sha256, byte[]? content = null)
    {
        var revision = await repo.CommitAsync(null, "room", new FileOperation("w.bin", sha256));
        Assert.Equal(content ?? _content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/w.bin"));
    }
}
