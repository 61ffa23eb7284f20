using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Artifact.Tests.GitHttp;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>The service as its callers see it, with its blobs in a bucket. Alone, because it stops the gateway that all tests share.</summary>
[Collection("outage")]
public sealed class S3Tests(ArtifactOnS3 app) : IClassFixture<ArtifactOnS3>
{
    private static readonly HttpClient s_plain = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    [CephFact]
    public async Task What_comes_by_upload_parts_or_batch_is_read_by_every_protocol()
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] large = UploadTests.RandomBytes(6_000_000), parts = UploadTests.RandomBytes(90_000), text = "# A kit\n".Utf8();
        var upload = await UploadTests.CreateAsync(repo, large);
        await UploadTests.PatchAsync(repo, upload, 0, large[..1_000_000]);
        Assert.True((await UploadTests.PatchAsync(repo, upload, 1_000_000, large[1_000_000..])).Complete);
        var inParts = await UploadTests.CreateAsync(repo, parts);
        foreach (var offset in new[] { 60_000, 0, 30_000 })
        {
            using var put = await repo.Http.PutAsync($"/api/v1/uploads/{inParts.Id}/parts/{offset}", new ByteArrayContent(parts[offset..(offset + 30_000)]));
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        }
        using (var done = await repo.Http.PostAsync($"/api/v1/uploads/{inParts.Id}/complete", null)) await done.ShouldBeAsync(HttpStatusCode.OK);
        var small = Enumerable.Range(0, 40).Select(i => $"small {i}\n".Utf8()).ToList();
        using (var batch = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(small.Framed()))) await batch.ShouldBeAsync(HttpStatusCode.OK);
        await repo.PutBlobAsync(text);
        var head = await repo.CommitAsync(null, "push", [new("README.md", Repo.Hash(text)), new("large.bin", upload.Sha256), new("parts.bin", inParts.Sha256),
            .. small.Select((content, i) => new FileOperation($"small/{i}.txt", Repo.Hash(content)))]);
        Assert.Equal(0, app.StoredFiles("temporary") + app.StoredFiles("uploads"));
        Assert.False(Directory.Exists(Path.Combine(app.DataFolder, "artifact", "blobs")));

        Assert.Equal(parts, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/parts.bin"));
        Assert.Equal(large, await FollowAsync(await repo.Http.GetAsync($"{repo.Url}/files/main/large.bin")));
        using (var many = await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles([.. small.Select((_, i) => $"small/{i}.txt")])))
            Assert.Equal(small.SelectMany(content => $"{content.Length}:".Utf8().Concat(content).Append((byte)',')), await many.Content.ReadAsByteArrayAsync());
        Assert.Equal(large, await FollowAsync(await repo.Http.GetAsync((await repo.BatchAsync("download", large)).Href("download"))));
        Assert.Equal(large, await FollowAsync(await repo.Http.GetAsync($"/v2/{repo.View.Owner}/{repo.View.Name}/blobs/sha256:{upload.Sha256}")));

        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.At("archive"), await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.tar"));
        await tool.RunAsync("tar", "-xf", "archive");
        Assert.Equal(large, await File.ReadAllBytesAsync(tool.At($"{repo.View.Name}-{head.Id[..7]}", "large.bin")));
        using (var cut = await SendAsync(repo, $"{repo.Url}/archive/main.zip", ("Range", "bytes=1000-1999"))) Assert.Equal(1000, (await cut.Content.ReadAsByteArrayAsync()).Length);
        await tool.GitAsync(repo, "clone", "-q", repo.GitUrl(), "kit");
        Assert.Equal("small 39\n", await File.ReadAllTextAsync(tool.At("kit", "small", "39.txt")));
        Assert.Equal("", await tool.RunAsync("git", "-C", "kit", "fsck", "--strict", "--full"));
        // To services nothing leads elsewhere.
        using var service = await app.AService().GetAsync($"/internal/repositories/{repo.View.Id}/revisions/main/files/large.bin");
        Assert.Equal(large, await service.Content.ReadAsByteArrayAsync());
    }

    [CephFact]
    public async Task A_small_file_comes_from_here_whole_by_ranges_and_by_conditions()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(99_999);
        await repo.PushAsync(null, ("w.bin", content), ("empty", []));
        var url = $"{repo.Url}/files/main/w.bin";
        using var whole = await repo.Http.GetAsync(url);
        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal(($"\"{Repo.Hash(content)}\"", "attachment"), (whole.Headers.ETag?.ToString(), whole.Content.Headers.ContentDisposition?.DispositionType));
        using var range = await SendAsync(repo, url, ("Range", "bytes=-5"));
        Assert.Equal((HttpStatusCode.PartialContent, "bytes 99994-99998/99999"), (range.StatusCode, range.Content.Headers.ContentRange?.ToString()));
        Assert.Equal(content[^5..], await range.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NotModified, (await SendAsync(repo, url, ("If-None-Match", $"\"{Repo.Hash(content)}\""))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await SendAsync(repo, url, ("Range", "bytes=99999-"))).StatusCode);
        Assert.Empty(await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/empty"));
    }

    [CephFact]
    public async Task A_large_read_leads_to_the_bucket_for_some_minutes_and_to_that_file_alone()
    {
        var (_, repo) = await app.ARepositoryAsync(Visibility.Public);
        var content = UploadTests.RandomBytes(150_000);
        var head = await repo.PushAsync(null, ("a \"b\" ü.bin", content), ("small.bin", content[..1000]));
        var url = $"{repo.Url}/files/main/{Uri.EscapeDataString("a \"b\" ü.bin")}";
        using var answer = await repo.Http.GetAsync(url);
        await answer.ShouldBeAsync(HttpStatusCode.TemporaryRedirect);
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
        Assert.Equal(($"\"{Repo.Hash(content)}\"", head.Id), (answer.Headers.ETag?.ToString(), answer.Headers.GetValues("X-Revision").Single()));
        Assert.Equal("150000", answer.Headers.GetValues("X-Linked-Size").Single());
        Assert.StartsWith("sha-256=", answer.Headers.GetValues("Repr-Digest").Single(), StringComparison.Ordinal);

        var address = answer.Headers.Location!.ToString();
        Assert.StartsWith(app.Endpoint, address, StringComparison.Ordinal);
        using var asked = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Range = new RangeHeaderValue(149_000, null) } };
        using var part = await s_plain.SendAsync(asked);
        Assert.Equal((HttpStatusCode.PartialContent, "application/octet-stream"), (part.StatusCode, part.Content.Headers.ContentType?.MediaType));
        Assert.Equal(content[149_000..], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal(("attachment", "a \"b\" ü.bin"), (part.Content.Headers.ContentDisposition?.DispositionType, part.Content.Headers.ContentDisposition?.FileNameStar));
        foreach (var forged in new[] { address.Replace(Repo.Hash(content), Repo.Hash(content[..1000]), StringComparison.Ordinal), address[..^1] + (address[^1] == '0' ? '1' : '0'),
            address.Replace("X-Amz-Expires=", "X-Amz-Expires=9", StringComparison.Ordinal), address.Split('?')[0] })
            Assert.Equal(HttpStatusCode.Forbidden, (await s_plain.GetAsync(forged)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await s_plain.DeleteAsync(address)).StatusCode);

        // What the bucket would not understand, or what is not worth it, is answered here.
        foreach (var (name, value, status) in new[]
        {
            ("Range", "bytes=0-9", HttpStatusCode.PartialContent), ("If-Range", $"\"{Repo.Hash(content)}\"", HttpStatusCode.OK), ("If-None-Match", "*", HttpStatusCode.NotModified),
            ("If-Modified-Since", "Thu, 01 Jan 2015 00:00:00 GMT", HttpStatusCode.OK), ("Range", "bytes=0-120000", HttpStatusCode.TemporaryRedirect),
        })
            Assert.Equal(status, (await SendAsync(repo, url, (name, value))).StatusCode);
        using var told = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal((HttpStatusCode.OK, 150_000), (told.StatusCode, told.Content.Headers.ContentLength));
        using var hub = await app.Anonymous().GetAsync($"/{repo.View.Owner}/{repo.View.Name}/resolve/main/{Uri.EscapeDataString("a \"b\" ü.bin")}");
        Assert.Equal((HttpStatusCode.TemporaryRedirect, head.Id), (hub.StatusCode, hub.Headers.GetValues("X-Repo-Commit").Single()));
        Assert.Equal($"\"{Repo.Hash(content)}\"", hub.Headers.GetValues("X-Linked-ETag").Single());
    }

    [CephFact]
    public async Task An_object_that_is_lost_or_cut_is_told_as_damaged_and_sending_it_again_mends_it()
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] small = UploadTests.RandomBytes(5000), large = UploadTests.RandomBytes(200_000), listed = UploadTests.RandomBytes(6000), archived = UploadTests.RandomBytes(7000);
        var head = await repo.PushAsync(null, ("small", small), ("large", large), ("listed", listed), ("z-archived", archived));
        foreach (var content in new[] { small, listed }) await app.Objects.LoseAsync(Repo.Hash(content));
        foreach (var content in new[] { large, archived }) await app.Objects.OverwriteAsync(Repo.Hash(content), content[..^1]);   // cut is as good as lost
        await repo.Http.GetAsync($"{repo.Url}/files/main/small").ShouldBeProblemAsync(500, "blob.damaged");
        await repo.Http.GetAsync($"{repo.Url}/files/main/large").ShouldBeProblemAsync(500, "blob.damaged");
        // The second time its row knows.
        foreach (var path in new[] { "small", "large" }) await repo.Http.GetAsync($"{repo.Url}/files/main/{path}").ShouldBeProblemAsync(500, "blob.damaged");
        for (var i = 0; i < 2; i++) await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["listed"])).ShouldBeProblemAsync(500, "blob.damaged");
        await repo.Http.GetAsync($"{repo.Url}/archive/main.tar").ShouldBeProblemAsync(500, "blob.damaged");
        using var asked = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing",
            new MissingBlobs([.. new[] { small, large, listed }.Select(content => new BlobReference(Repo.Hash(content), content.Length))]));
        Assert.Equal(3, (await asked.ReadAsync<MissingBlobsAnswer>()).Missing.Count);
        foreach (var content in new[] { small, large, listed, archived }) await repo.PutBlobAsync(content);
        Assert.Equal(small, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/small"));
        Assert.Equal(large, await FollowAsync(await repo.Http.GetAsync($"{repo.Url}/files/{head.Id}/large")));
        using var tar = await repo.Http.GetAsync($"{repo.Url}/archive/main.tar");
        await tar.ShouldBeAsync(HttpStatusCode.OK);
    }

    [CephFact]
    public async Task A_flipped_bit_is_found_by_the_scrubber_and_never_served()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(50_000);
        await repo.PushAsync(null, ("w.bin", content));
        var rotten = content.ToArray();
        rotten[40_000] ^= 8;
        await app.Objects.OverwriteAsync(Repo.Hash(content), rotten);
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var scrub = scope.ServiceProvider.GetRequiredService<ScrubBlobs>();
            for (var i = 0; await scrub.RunBatchAsync(default); i++) Assert.True(i < 1000, "It does not end.");
        }
        await repo.Http.GetAsync($"{repo.Url}/files/main/w.bin").ShouldBeProblemAsync(500, "blob.damaged");
        Assert.Contains(await app.Objects.KeysAsync("damaged/"), key => key.Contains(Repo.Hash(content), StringComparison.Ordinal));
        await repo.PutBlobAsync(content);
        Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/w.bin"));
    }

    [CephFact]
    public async Task Garbage_goes_from_the_bucket_and_what_is_held_stays()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var doomed = await ada.CreateAsync(ada.Name, app.Fresh());
        byte[] shared = UploadTests.RandomBytes(3000), lone = UploadTests.RandomBytes(2000);
        await repo.PushAsync(null, ("shared.bin", shared));
        await doomed.PushAsync(null, ("shared.bin", shared), ("lone.bin", lone));
        await ada.Http.DeleteAsync(doomed.Url);
        await AgeAsync();
        Assert.Contains(Repo.Hash(lone), (await app.AnAdministrator().SweepAsync()).Blobs.Select(blob => blob.Sha256));
        var keys = await app.Objects.KeysAsync("blobs/");
        Assert.Contains(keys, key => key.EndsWith(Repo.Hash(shared), StringComparison.Ordinal));
        Assert.DoesNotContain(keys, key => key.EndsWith(Repo.Hash(lone), StringComparison.Ordinal));
        Assert.Equal(shared, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/shared.bin"));
        Assert.Equal(0L, await CountAsync("blob_keeps"));
    }

    [CephFact]
    public async Task While_the_store_is_down_the_answer_is_503_and_afterwards_nothing_is_lost()
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] content = UploadTests.RandomBytes(200_000), kept = UploadTests.RandomBytes(1000);
        var head = await repo.PushAsync(null, ("kept.bin", kept));
        var upload = await UploadTests.CreateAsync(repo, content);
        await UploadTests.PatchAsync(repo, upload, 0, content[..100_000]);
        await app.Gateway.StopAsync();
        try
        {
            // Its last bytes stay on the local disk.
            using (var answer = await UploadTests.SendAsync(repo, upload, "100000", content[100_000..]))
            {
                await answer.ShouldBeProblemAsync(503, "store.unreachable");
                Assert.NotNull(answer.Headers.RetryAfter);
            }
            await repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(content)}", new ByteArrayContent(content)).ShouldBeProblemAsync(503, "store.unreachable");
            await repo.Http.GetAsync($"{repo.Url}/files/main/kept.bin").ShouldBeProblemAsync(503, "store.unreachable");
            Assert.Equal("200000", await UploadTests.HeadAsync(repo, upload));
            Assert.Equal(head.Id, (await repo.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main")).Id);   // what needs no bytes goes on
            using var health = await app.Anonymous().GetAsync("/health");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.Contains("does not answer", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain("\"SK\"", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await app.Gateway.RestartAsync();
        }
        for (var i = 0; i < 100; i++)
        {
            using var again = await repo.Http.GetAsync($"{repo.Url}/files/main/kept.bin");
            if (again.StatusCode == HttpStatusCode.OK) break;
            await Task.Delay(100);
        }
        Assert.Equal(0, app.StoredFiles("temporary"));
        using (var done = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null)) Assert.True((await done.ReadAsync<UploadView>()).Complete);
        await repo.CommitAsync(head.Id, "x", new FileOperation("w.bin", upload.Sha256));
        Assert.Equal(content, await FollowAsync(await repo.Http.GetAsync($"{repo.Url}/files/main/w.bin")));
        Assert.Equal(kept, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/kept.bin"));
    }

    [CephTheory]
    [InlineData("Artifact:S3:SecretKey", "wrong-secret-word", "SignatureDoesNotMatch")]
    [InlineData("Artifact:S3:AccessKey", "nobody", "InvalidAccessKeyId")]
    [InlineData("Artifact:S3:SecretKey", null, "SecretKey is missing")]
    [InlineData("Artifact:S3:Endpoint", "ftp://x", "is no endpoint")]
    [InlineData("Artifact:S3:Prefix", "some/zoo/", "another zoo")]
    public async Task What_is_wrong_with_the_settings_is_said_at_the_start(string setting, string? value, string said)
    {
        var other = new ServiceApp<Program>();
        try
        {
            var settings = app.Gateway.SettingsOf(app.Bucket.Name);
            if (value is null) settings.Remove(setting);
            else settings[setting] = value;
            foreach (var (key, text) in settings) other.With(key, text);
            other.With("ConnectionStrings:artifactdb", await (await PostgresServer.Shared).CreateDatabaseAsync()).With("Platform:DataFolder", Directory.CreateTempSubdirectory("zoo-test-artifact-").FullName)
                .With("Client:Token", "unread").With("Platform:PublicUrl", ArtifactApp.PublicUrl);
            var refused = Assert.ThrowsAny<Exception>(() => other.Start()).ToString();
            Assert.Contains(said, refused, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong-secret-word", refused, StringComparison.Ordinal);
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    private static async Task<byte[]> FollowAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            await answer.ShouldBeAsync(HttpStatusCode.TemporaryRedirect);
            return await s_plain.GetByteArrayAsync(answer.Headers.Location);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(Repo repo, string url, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return repo.Http.SendAsync(request);
    }

    /// <summary>As if the grace had gone by.</summary>
    private async Task AgeAsync()
    {
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        await using var command = source.CreateCommand("""
            update repositories set deleted_at = deleted_at - interval '8 days' where deleted_at is not null;
            update staged_blobs set staged_at = staged_at - interval '8 days'; update blobs set kept_at = kept_at - interval '8 days'
            """);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> CountAsync(string table)
    {
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        await using var command = source.CreateCommand($"select count(*) from {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
