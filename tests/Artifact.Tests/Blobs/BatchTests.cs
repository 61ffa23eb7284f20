using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>Many small files in one request, both ways.</summary>
public sealed class BatchTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task Many_files_go_up_and_come_down_in_one_request_each()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var contents = Enumerable.Range(0, 300).Select(i => i == 0 ? [] : RandomNumberGenerator.GetBytes(i * 7)).ToList();
        contents.Add(contents[5]);   // the same twice
        using var answer = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(contents.Framed()));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var stored = (await answer.ReadAsync<StoredBlobs>()).Blobs;
        Assert.Equal(contents.Select(Repo.Hash), stored.Select(blob => blob.Sha256));
        var revision = await repo.CommitAsync(null, "x", [.. stored.Select((blob, i) => new FileOperation($"{i % 7}/f{i}", blob.Sha256))]);

        var order = Enumerable.Range(0, contents.Count).Reverse().ToList();
        using var files = await repo.Http.PostJsonAsync($"{repo.Url}/files/{revision.Id}", new GetFiles([.. order.Select(i => $"{i % 7}/f{i}")]));
        await files.ShouldBeAsync(HttpStatusCode.OK);
        await using var body = new BufferedStream(await files.Content.ReadAsStreamAsync());
        foreach (var i in order)
        {
            var content = new byte[(await Netstrings.ReadHeadAsync(body, default))!.Value];
            await body.ReadExactlyAsync(content);
            await Netstrings.ReadTailAsync(body, default);
            Assert.Equal(contents[i], content);
        }
        Assert.Null(await Netstrings.ReadHeadAsync(body, default));
        Assert.Equal(0, app.StoredFiles("temporary"));
    }

    [Theory]
    [InlineData("5:hello")]
    [InlineData("5:hello,x")]
    [InlineData("5:hello,99999999999999999999:")]
    [InlineData("5:hello,4:hello,")]
    [InlineData("5:hello,-1:,")]
    [InlineData("5:hello,12")]
    [InlineData(":,")]
    public async Task A_batch_that_is_cut_or_nonsense_stores_nothing(string body)
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.Http.PostAsync($"{repo.Url}/blobs", new StringContent(body)).ShouldBeProblemAsync(400, "blob.batch-unreadable");
        await repo.TryCommitAsync(null, "x", new FileOperation("a", Repo.Hash("hello".Utf8()))).ShouldBeProblemAsync(422, "blob.missing");
        Assert.Equal(0, app.StoredFiles("temporary"));
    }

    [Fact]
    public async Task A_blob_too_large_for_a_batch_is_refused_before_it_is_read()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.Http.PostAsync($"{repo.Url}/blobs", new StringContent("1048577:")).ShouldBeProblemAsync(413, "blob.batch-too-large");
    }

    [Fact]
    public async Task Ten_thousand_blobs_or_files_go_in_one_request_and_one_more_is_refused()
    {
        const int most = 10_000;
        var (_, repo) = await app.ARepositoryAsync();
        var contents = Enumerable.Range(0, most + 1).Select(i => BitConverter.GetBytes(i)).ToList();
        var asked = contents.Select(content => new BlobReference(Repo.Hash(content), content.Length)).ToList();
        await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(contents.Framed())).ShouldBeProblemAsync(413, "blob.batch-too-large");
        await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs(asked)).ShouldBeProblemAsync(422, "blob.too-many-asked");
        using (var missing = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs(asked[..most])))
            Assert.Equal(most, (await missing.ReadAsync<MissingBlobsAnswer>()).Missing.Count);   // of those refused as a batch none is there
        using (var stored = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(contents[..most].Framed())))
            Assert.Equal(asked[..most], (await stored.ReadAsync<StoredBlobs>()).Blobs);

        var path = $"{new string('f', 120)}/{new string('g', 120)}.bin";
        await repo.CommitAsync(null, "x", new FileOperation(path, asked[7].Sha256));
        await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles([.. Enumerable.Repeat(path, most + 1)])).ShouldBeProblemAsync(422, "file.too-many-asked");
        using var files = await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles([.. Enumerable.Repeat(path, most)]));
        Assert.Equal(Enumerable.Repeat(contents[7], most).Framed(), await files.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Only_contributors_send_and_only_readers_get()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a.txt", "hi".Utf8()));
        var outsider = repo.As(app.AUser());
        await outsider.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(new[] { "x".Utf8() }.Framed())).ShouldBeProblemAsync(404, "repository.unknown");
        await outsider.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["a.txt"])).ShouldBeProblemAsync(404, "repository.unknown");
        await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles(["a.txt", "b.txt"])).ShouldBeProblemAsync(404, "file.unknown");
        await repo.Http.PostJsonAsync($"{repo.Url}/files/main", new GetFiles([])).ShouldBeProblemAsync(422, "file.too-many-asked");
    }
}
