using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Tests.Uploads;

/// <summary>Of a file that is mostly there already, only the rest is sent; what others keep private is as if it were not there.</summary>
public sealed class ChunkCopyTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private readonly byte[] _base = RandomNumberGenerator.GetBytes(20_000_000);

    [Fact]
    public async Task Only_what_changed_is_sent()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await PushBaseAsync(repo);
        var changed = (byte[])[.. _base[..9_000_000], .. "inserted"u8, .. _base[9_000_000..]];
        var upload = await CreateAsync(repo, changed);
        var copied = await CopyAsync(repo, upload, changed);
        Assert.InRange(copied, changed.Length - 400_000, changed.Length - 1);

        var view = await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}");
        Assert.Equal(changed.Length - copied, view.Missing!.Sum(gap => gap.SizeBytes));
        foreach (var gap in view.Missing!)
            using (var part = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{gap.OffsetBytes}", new ByteArrayContent(changed, (int)gap.OffsetBytes, (int)gap.SizeBytes)))
                await part.ShouldBeAsync(HttpStatusCode.NoContent);
        using (var complete = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null)) await complete.ShouldBeAsync(HttpStatusCode.OK);
        var revision = await repo.CommitAsync((await repo.Http.GetJsonAsync<RepositoryView>(repo.Url)).Head, "changed", new FileOperation("w.bin", Repo.Hash(changed)));
        Assert.Equal(changed, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision.Id}/w.bin"));
    }

    [Fact]
    public async Task What_another_keeps_private_is_not_known()
    {
        var (_, theirs) = await app.ARepositoryAsync();
        await PushBaseAsync(theirs);
        var (_, ours) = await app.ARepositoryAsync();
        var changed = (byte[])[.. _base, 1];
        Assert.Equal(0, await CopyAsync(ours, await CreateAsync(ours, changed), changed));
        Assert.True(await CopyAsync(theirs, await CreateAsync(theirs, changed), changed) > 0);   // the index has them
    }

    [Fact]
    public async Task A_damaged_source_is_found_out_when_the_upload_is_completed()
    {
        var (_, repo) = await app.ARepositoryAsync();
        await PushBaseAsync(repo);
        app.FlipBit(_base, 12_345_678);
        var changed = (byte[])[.. _base, 1];
        var upload = await CreateAsync(repo, changed);
        await CopyAsync(repo, upload, changed);
        foreach (var gap in (await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).Missing!)
            using (await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{gap.OffsetBytes}", new ByteArrayContent(changed, (int)gap.OffsetBytes, (int)gap.SizeBytes))) { }
        await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null).ShouldBeProblemAsync(422, "blob.hash-mismatch");
    }

    [Fact]
    public async Task Nonsense_is_refused()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var upload = await CreateAsync(repo, _base);
        foreach (var bytes in new[] { new byte[35], new byte[36], new byte[37], [.. new byte[32], 1, 0, 2, 0], [.. new byte[35], 0x80] })
            await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(bytes)).ShouldBeProblemAsync(400, "upload.chunks-unreadable");
        await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/19999999", new ByteArrayContent([.. new byte[32], 2, 0, 0, 0])).ShouldBeProblemAsync(422, "upload.part-outside");
    }

    private async Task PushBaseAsync(Repo repo)
    {
        await repo.PushAsync(null, ("w.bin", _base));
        // The index follows behind the push.
        for (var i = 0; i < 200; i++)
        {
            var probe = (byte[])[.. _base, (byte)i, 7];
            var upload = await CreateAsync(repo, probe);
            if (await CopyAsync(repo, upload, probe) > 0) return;
            using (await repo.Http.DeleteAsync($"/api/v1/uploads/{upload.Id}")) { }
            await Task.Delay(50);
        }
        throw new TimeoutException("The blob's chunks were not indexed within 10 s.");
    }

    private static async Task<UploadView> CreateAsync(Repo repo, byte[] content)
    {
        using var answer = await repo.Http.PostJsonAsync("/api/v1/uploads", new CreateUpload($"{repo.View.Owner}/{repo.View.Name}", Repo.Hash(content), content.Length));
        return await answer.ReadAsync<UploadView>();
    }

    private static async Task<long> CopyAsync(Repo repo, UploadView upload, byte[] content)
    {
        using var list = new MemoryStream();
        using var reader = new ChunkReader(new MemoryStream(content));
        while (await reader.NextAsync(default) is { } chunk)
        {
            var entry = new byte[ChunkList.EntryBytes];
            XetHash.OfChunk(chunk.Bytes.Span).Write(entry);
            ChunkList.Write(entry, chunk.Bytes.Length);
            list.Write(entry);
        }
        using var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(list.ToArray()));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return (await answer.ReadAsync<CopiedChunks>()).SizeBytes;
    }
}
