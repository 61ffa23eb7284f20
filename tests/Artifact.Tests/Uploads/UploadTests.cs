using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Uploads;

public sealed class UploadTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _content = RandomBytes(700_000);

    [Fact]
    public async Task An_upload_goes_on_where_it_stopped_and_its_last_byte_completes_it()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        Assert.Equal(300_000, (await PatchAsync(repo, upload, 0, _content[..300_000])).OffsetBytes);
        Assert.Equal("300000", await HeadAsync(repo, upload));
        Assert.Equal(upload.Id, (await CreateAsync(repo, _content)).Id);   // another process finds it by asking for the same
        var done = await PatchAsync(repo, upload, 300_000, _content[300_000..]);
        Assert.True(done is { Complete: true, OffsetBytes: 700_000 });
        var revision = await repo.CommitAsync(null, "x", new FileOperation("w.bin", upload.Sha256));
        Assert.Equal(_content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/w.bin"));
    }

    [Fact]
    public async Task A_body_that_begins_elsewhere_is_refused_and_told_the_offset()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await PatchAsync(repo, upload, 0, _content[..1000]);
        foreach (var offset in new[] { "0", "999", "1001", "9223372036854775807" })
        {
            var problem = await SendAsync(repo, upload, offset, _content[..10]).ShouldBeProblemAsync(409, "upload.offset-wrong");
            Assert.Equal(1000, problem.GetProperty("offsetBytes").GetInt64());
        }
        foreach (var offset in new[] { "-1", "x", "9223372036854775808" })
            await SendAsync(repo, upload, offset, _content[..10]).ShouldBeProblemAsync(400, "upload.offset-missing");
        Assert.Equal("1000", await HeadAsync(repo, upload));
    }

    [Fact]
    public async Task More_bytes_than_declared_are_refused()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content[..1000]);
        await SendAsync(repo, upload, "0", _content[..1001]).ShouldBeProblemAsync(422, "upload.too-long");
        Assert.Equal("0", await HeadAsync(repo, upload));
    }

    [Fact]
    public async Task Bytes_with_another_hash_are_refused_and_leave_nothing()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (lie, truth) = (RandomBytes(5000), RandomBytes(5000));
        var upload = await CreateAsync(repo, lie);
        await SendAsync(repo, upload, "0", truth).ShouldBeProblemAsync(422, "blob.hash-mismatch");
        await repo.Http.GetAsync($"/api/v1/uploads/{upload.Id}").ShouldBeProblemAsync(404, "upload.unknown");
        Assert.False(File.Exists(Path.Combine(app.DataFolder, "artifact", "uploads", upload.Id.ToString())));
        await repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(lie)}", new ByteArrayContent(truth)).ShouldBeProblemAsync(422, "blob.hash-mismatch");
        Assert.Equal(0, app.StoredFiles("temporary"));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(app.DataFolder, "artifact"), "*", SearchOption.AllDirectories),
            file => Path.GetFileName(file) == Repo.Hash(lie) || Path.GetFileName(file) == Repo.Hash(truth));
        await repo.TryCommitAsync(null, "x", new FileOperation("a", Repo.Hash(lie))).ShouldBeProblemAsync(422, "blob.missing");
    }

    [Fact]
    public async Task A_connection_that_breaks_leaves_a_true_offset()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await BreakOffAsync(repo, upload, declared: _content.Length, _content[..400_000]);
        var offset = 0L;
        for (var i = 0; i < 100 && offset == 0; i++)
        {
            await Task.Delay(50);
            offset = long.Parse(await HeadAsync(repo, upload), CultureInfo.InvariantCulture);
        }
        Assert.InRange(offset, 1, 400_000);
        // What was on its way may still arrive: then the offset that was read is refused, and is read again.
        for (var i = 0; i < 50; i++)
        {
            offset = long.Parse(await HeadAsync(repo, upload), CultureInfo.InvariantCulture);
            using var rest = await SendAsync(repo, upload, offset.ToString(CultureInfo.InvariantCulture), _content[(int)offset..]);
            if (rest.StatusCode == HttpStatusCode.OK) break;
            await rest.ShouldBeAsync(HttpStatusCode.Conflict);
            await Task.Delay(100);
        }
        Assert.Equal("700000", await HeadAsync(repo, upload));
    }

    [Fact]
    public async Task Another_users_upload_does_not_exist()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme), app.AUser(acme, Role.Owner));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        var upload = await CreateAsync(repo, _content);
        var foreign = repo.As(ben);
        await SendAsync(foreign, upload, "0", _content).ShouldBeProblemAsync(404, "upload.unknown");
        await ben.Http.GetAsync($"/api/v1/uploads/{upload.Id}").ShouldBeProblemAsync(404, "upload.unknown");
        await ben.Http.DeleteAsync($"/api/v1/uploads/{upload.Id}").ShouldBeProblemAsync(404, "upload.unknown");
        await ben.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null).ShouldBeProblemAsync(404, "upload.unknown");
        // One who was removed from the organisation has lost it too.
        await SendAsync(repo.As(app.Again(ada, null)), upload, "0", _content).ShouldBeProblemAsync(404, "upload.unknown");
    }

    [Fact]
    public async Task Completing_ten_times_at_once_makes_one_blob()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        await PatchAsync(repo, upload, 0, _content);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null)));
        foreach (var answer in answers) Assert.True((await answer.ReadAsync<UploadView>()).Complete);
        await SendAsync(repo, upload, "0", _content).ShouldBeProblemAsync(409, "upload.offset-wrong");
    }

    [Fact]
    public async Task While_an_upload_is_completed_others_read_the_same_blob()
    {
        var (_, theirs) = await app.ARepositoryAsync();
        var head = await theirs.PushAsync(null, ("w.bin", _content));
        var (ada, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        using (var part = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/0", new ByteArrayContent(_content))) await part.ShouldBeAsync(HttpStatusCode.NoContent);
        Task<HttpResponseMessage> completing;
        await using (await HeldQuota.OfAsync(app, ada))
        {
            completing = repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
            var file = Path.Combine(app.DataFolder, "artifact", "uploads", upload.Id.ToString());
            for (var i = 0; i < 200 && File.Exists(file); i++) await Task.Delay(20);
            Assert.False(File.Exists(file) || completing.IsCompleted);
            Assert.Equal(_content, await theirs.Http.GetByteArrayAsync($"{theirs.Url}/files/{head.Id}/w.bin"));
        }
        using var done = await completing;
        await done.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Two_bodies_at_once_do_not_mix()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _content);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(repo, upload, "0", _content)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
    }

    [Fact]
    public async Task An_empty_file_can_be_uploaded()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, []);
        Assert.True((await PatchAsync(repo, upload, 0, [])).Complete);
        var revision = await repo.CommitAsync(null, "x", new FileOperation("empty", upload.Sha256));
        Assert.Equal("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", Assert.Single(await repo.FilesAsync(revision.Id)).GitId);
    }

    [Fact]
    public async Task A_compressed_body_is_refused_rather_than_stored()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = new ByteArrayContent(_content) { Headers = { ContentEncoding = { "gzip" } } };
        await repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(_content)}", content).ShouldBeProblemAsync(415, "blob.encoded-body");
    }

    [Fact]
    public async Task An_upload_that_is_idle_for_too_long_is_deleted_with_its_file_and_others_stay()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var (idle, busy) = (await CreateAsync(repo, _content), await CreateAsync(repo, RandomBytes(10)));
        await PatchAsync(repo, idle, 0, _content[..1000]);
        await using (var source = NpgsqlDataSource.Create(app.ConnectionString))
        await using (var age = source.CreateCommand($"update uploads set touched_at = touched_at - interval '2 days' where id = '{idle.Id}'"))
            await age.ExecuteNonQueryAsync();
        await using (var scope = app.Services.CreateAsyncScope()) await scope.ServiceProvider.GetRequiredService<DeleteIdleUploads>().RunAsync(default);
        await repo.Http.GetAsync($"/api/v1/uploads/{idle.Id}").ShouldBeProblemAsync(404, "upload.unknown");
        Assert.False(File.Exists(Path.Combine(app.DataFolder, "artifact", "uploads", idle.Id.ToString())));
        Assert.Equal("0", await HeadAsync(repo, busy));
    }

    internal static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    internal static async Task<UploadView> CreateAsync(Repo repo, byte[] content)
    {
        using var answer = await repo.Http.PostJsonAsync("/api/v1/uploads", new CreateUpload($"{repo.View.Owner}/{repo.View.Name}", Repo.Hash(content), content.Length));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.ReadAsync<UploadView>();
    }

    internal static Task<HttpResponseMessage> SendAsync(Repo repo, UploadView upload, string offset, byte[] bytes)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload.Id}") { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("Upload-Offset", offset);
        return repo.Http.SendAsync(request);
    }

    internal static async Task<UploadView> PatchAsync(Repo repo, UploadView upload, long offset, byte[] bytes)
    {
        using var answer = await SendAsync(repo, upload, offset.ToString(CultureInfo.InvariantCulture), bytes);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.ReadAsync<UploadView>();
    }

    internal static async Task<string> HeadAsync(Repo repo, UploadView upload)
    {
        using var answer = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/api/v1/uploads/{upload.Id}"));
        await answer.ShouldBeAsync(HttpStatusCode.NoContent);
        return answer.Headers.GetValues("Upload-Offset").Single();
    }

    /// <summary>Sends a part of a declared body on a bare socket, then resets the connection.</summary>
    internal static async Task BreakOffAsync(Repo repo, UploadView upload, long declared, byte[] part)
    {
        var address = repo.Http.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        client.LingerState = new LingerOption(true, 0);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PATCH /api/v1/uploads/{upload.Id} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {repo.Http.DefaultRequestHeaders.Authorization}\r\n"
            + $"Upload-Offset: 0\r\nContent-Type: application/octet-stream\r\nContent-Length: {declared}\r\n\r\n"));
        await stream.WriteAsync(part);
        await Task.Delay(500);   // so that the server has read it before the reset
    }
}
