using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Uploads;

/// <summary>Parts of an upload, in any order and side by side.</summary>
public sealed class PartTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1_000_000);

    [Fact]
    public async Task Parts_may_come_in_any_order_and_at_once()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        Assert.Equal([new ByteRange(0, 1_000_000)], upload.Missing);
        await PutAsync(repo, upload, 600_000, 1_000_000);
        await PutAsync(repo, upload, 100_000, 200_000);
        var view = await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}");
        Assert.Equal([new ByteRange(0, 100_000), new ByteRange(200_000, 400_000)], view.Missing);
        Assert.Equal(0, view.OffsetBytes);
        await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null).ShouldBeProblemAsync(409, "upload.incomplete");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => PutAsync(repo, upload, i * 60_000, (i + 1) * 60_000)));
        await CompleteAsync(repo, upload);
        await CompleteAsync(repo, upload);
        await PutAsync(repo, upload, 0, 10);   // late: it is there
        var revision = await repo.CommitAsync(null, "x", new FileOperation("w.bin", upload.Sha256));
        Assert.Equal(_content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/w.bin"));
    }

    [Fact]
    public async Task Parts_and_a_continued_upload_mix()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await PatchAsync(repo, upload, 0, 300_000);
        await PutAsync(repo, upload, 300_000, 500_000);
        Assert.Equal(500_000, (await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).OffsetBytes);
        await PatchAsync(repo, upload, 500_000, 1_000_000);
        var revision = await repo.CommitAsync(null, "x", new FileOperation("w.bin", upload.Sha256));
        Assert.Equal(_content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/w.bin"));
    }

    [Fact]
    public async Task A_part_written_over_with_other_bytes_is_found_out()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await PatchAsync(repo, upload, 0, 999_000);                                           // hashed as it came
        using (var wrong = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/5", new ByteArrayContent([1, 2, 3, 4, 5, 6, 7, 8])))
            await wrong.ShouldBeAsync(HttpStatusCode.NoContent);
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload.Id}") { Content = new ByteArrayContent(_content[999_000..]) };
        request.Headers.Add("Upload-Offset", "999000");
        await repo.Http.SendAsync(request).ShouldBeProblemAsync(422, "blob.hash-mismatch");
    }

    [Fact]
    public async Task What_is_being_completed_is_completed_though_the_client_leaves()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);   // so that hashing takes a moment
        var upload = await CreateAsync(repo, content);
        using (var part = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/0", new ByteArrayContent(content))) await part.ShouldBeAsync(HttpStatusCode.NoContent);
        using var leaving = new CancellationTokenSource();
        var completing = repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null, leaving.Token);
        while (!completing.IsCompleted && !IsHeld(upload.Id)) await Task.Delay(1);
        await leaving.CancelAsync();
        await completing.ContinueWith(_ => { }, TaskScheduler.Default);
        for (var i = 0; !(await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).Complete; i++)
        {
            Assert.True(i < 500, "It was not completed within 10 s.");
            await Task.Delay(20);
        }
    }

    [Theory]
    [InlineData(1_000_001, 0)]
    [InlineData(999_999, 2)]
    [InlineData(-1, 1)]
    public async Task A_part_outside_is_refused(long offset, int bytes)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{offset}", new ByteArrayContent(new byte[bytes])).ShouldBeProblemAsync(422, "upload.part-outside");
    }

    [Fact]
    public async Task Anothers_upload_does_not_exist()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await app.AUser().Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/0", new ByteArrayContent(new byte[1])).ShouldBeProblemAsync(404, "upload.unknown");
    }

    private bool IsHeld(Guid upload)
    {
        try
        {
            using var file = File.OpenHandle(Path.Combine(app.DataFolder, "artifact", "uploads", upload.ToString()), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (FileNotFoundException)
        {
            return true;   // it is a blob by now
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<UploadView> CreateAsync(Repo repo, byte[] content)
    {
        using var answer = await repo.Http.PostJsonAsync("/api/v1/uploads", new CreateUpload($"{repo.View.Owner}/{repo.View.Name}", Repo.Hash(content), content.Length));
        return await answer.ReadAsync<UploadView>();
    }

    private async Task PutAsync(Repo repo, UploadView upload, int from, int to)
    {
        using var answer = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{from}", new ByteArrayContent(_content[from..to]));
        await answer.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    private async Task PatchAsync(Repo repo, UploadView upload, int from, int to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload.Id}") { Content = new ByteArrayContent(_content[from..to]) };
        request.Headers.Add("Upload-Offset", $"{from}");
        using var answer = await repo.Http.SendAsync(request);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    private static async Task CompleteAsync(Repo repo, UploadView upload)
    {
        using var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.True((await answer.ReadAsync<UploadView>()).Complete);
    }
}
