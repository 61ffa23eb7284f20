using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Blobs;

public sealed class BlobTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _secret = UploadTests.RandomBytes(3000);

    [Fact]
    public async Task A_blob_of_somebody_elses_private_repository_is_missing_to_everybody_else()
    {
        var (_, hidden) = await app.ARepositoryAsync();
        await hidden.PushAsync(null, ("weights.bin", _secret));
        var (_, mine) = await app.ARepositoryAsync();
        Assert.Equal([Repo.Hash(_secret)], await MissingAsync(mine, _secret));
        await mine.TryCommitAsync(null, "x", new FileOperation("stolen", Repo.Hash(_secret))).ShouldBeProblemAsync(422, "blob.missing");
        // Having sent the bytes is another matter.
        await mine.PushAsync(null, ("weights.bin", _secret));
    }

    [Fact]
    public async Task A_blob_the_caller_may_read_is_not_sent_again_and_can_be_committed()
    {
        var (owner, shared) = await app.ARepositoryAsync(Visibility.Public);
        await shared.PushAsync(null, ("weights.bin", _secret));
        var (_, mine) = await app.ARepositoryAsync();
        Assert.Empty(await MissingAsync(mine, _secret));
        var revision = await mine.CommitAsync(null, "x", new FileOperation("copy.bin", Repo.Hash(_secret)));
        Assert.Equal(_secret, await mine.Http.GetByteArrayAsync($"{mine.Url}/files/{revision.Id}/copy.bin"));
        // It was made private meanwhile: another repository of mine learns nothing.
        await owner.Http.PatchAsJsonAsync(shared.Url, new UpdateRepository(Visibility.Private), ZooJson.Options);
        var (_, stranger) = await app.ARepositoryAsync();
        Assert.Equal([Repo.Hash(_secret)], await MissingAsync(stranger, _secret));
    }

    [Fact]
    public async Task What_a_member_uploaded_and_did_not_commit_is_missing_to_other_members()
    {
        var acme = app.AnOrganisation();
        var (ada, ben) = (app.AUser(acme), app.AUser(acme));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        await repo.PutBlobAsync(_secret);
        Assert.Empty(await MissingAsync(repo, _secret));
        Assert.Equal([Repo.Hash(_secret)], await MissingAsync(repo.As(ben), _secret));
        await repo.As(ben).TryCommitAsync(null, "x", new FileOperation("stolen", Repo.Hash(_secret))).ShouldBeProblemAsync(422, "blob.missing");
    }

    [Fact]
    public async Task A_blob_larger_than_a_web_server_usually_takes_comes_in_and_goes_out_whole()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var large = UploadTests.RandomBytes(40_000_000);
        var revision = await repo.PushAsync(null, ("large.bin", large));
        Assert.Equal(Repo.Hash(large), Repo.Hash(await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/large.bin")));
    }

    [Fact]
    public async Task A_right_hash_with_a_wrong_size_counts_as_missing()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.PutBlobAsync(_secret);
        using var answer = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new(Repo.Hash(_secret), 1)]));
        Assert.Single((await answer.ReadAsync<MissingBlobsAnswer>()).Missing);
    }

    [Theory]
    [InlineData("..%2f..%2fx")]
    [InlineData("abc")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_digest_that_is_none_is_refused(string digest)
    {
        var (_, repo) = await app.ARepositoryAsync();
        await repo.Http.PutAsync($"{repo.Url}/blobs/{digest}", new ByteArrayContent([1])).ShouldBeProblemAsync(422, "blob.hash-invalid");
    }

    [Fact]
    public async Task A_damaged_file_is_never_served_and_sending_it_again_mends_it()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var revision = await repo.PushAsync(null, ("weights.bin", _secret));
        var sha256 = Repo.Hash(_secret);
        var file = Path.Combine(app.DataFolder, "artifact", "blobs", sha256[..2], sha256[2..4], sha256);
        await File.WriteAllBytesAsync(file, _secret[..100]);
        await repo.Http.GetAsync($"{repo.Url}/files/{revision.Id}/weights.bin").ShouldBeProblemAsync(500, "blob.damaged");
        Assert.Equal([sha256], await MissingAsync(repo, _secret));
        await repo.PutBlobAsync(_secret);
        Assert.Equal(_secret, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/weights.bin"));
    }

    private static async Task<IReadOnlyList<string>> MissingAsync(Repo repo, params byte[][] contents)
    {
        using var answer = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([.. contents.Select(content => new BlobReference(Repo.Hash(content), content.Length))]));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return (await answer.ReadAsync<MissingBlobsAnswer>()).Missing;
    }
}
