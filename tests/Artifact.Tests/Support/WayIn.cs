using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.HubProtocol;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>One of the ways in which bytes come in, prepared up to the request that is to fail and then to be repeated.</summary>
/// <param name="SendAsync">The request.</param>
/// <param name="FinishAsync">What a client does once it was answered well: commits, in the end.</param>
public sealed record WayIn(string Name, Repo Repo, IReadOnlyList<byte[]> Contents, Func<Task<HttpResponseMessage>> SendAsync, Func<Task> FinishAsync)
{
    public override string ToString() => Name;

    /// <summary>Nothing of it is to be seen: it cannot be committed, nor lies a file under its name.</summary>
    public async Task ShouldBeNowhereAsync(string blobs)
    {
        foreach (var content in Contents)
        {
            Assert.False(File.Exists(Path.Combine(blobs, Repo.Hash(content)[..2], Repo.Hash(content)[2..4], Repo.Hash(content))), Name);
            await Repo.TryCommitAsync(null, "too early", new FileOperation("w.bin", Repo.Hash(content))).ShouldBeProblemAsync(422, "blob.missing");
        }
    }

    /// <summary>The same request is answered well now, and its content comes back byte for byte.</summary>
    public async Task ShouldSucceedAsync()
    {
        using (var answer = await SendAsync()) Assert.True(answer.IsSuccessStatusCode, $"{Name}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        await FinishAsync();
        var head = (await Repo.Http.GetJsonAsync<RepositoryView>(Repo.Url)).Head;
        if (head is null) head = (await Repo.CommitAsync(null, Name, [.. Contents.Select((content, i) => new FileOperation($"{i}.bin", Repo.Hash(content)))])).Id;
        var files = await Repo.FilesAsync(head);
        foreach (var content in Contents)
            Assert.Equal(content, await Repo.Http.GetByteArrayAsync($"{Repo.Url}/files/{head}/{files.First(file => file.Sha256 == Repo.Hash(content)).Path}"));
    }

    public static async Task<WayIn> PartAsync(ArtifactProcess service, int bytes)
    {
        var (repo, content) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        var upload = await UploadTests.CreateAsync(repo, content);
        return new WayIn("a part", repo, [content], async () =>
        {
            // What came of it before is durable and need not be sent: the gaps tell.
            var view = await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}");
            if (view.Missing is not [.., var gap]) return new HttpResponseMessage(HttpStatusCode.NoContent);
            return await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{gap.OffsetBytes}", new ByteArrayContent(content, (int)gap.OffsetBytes, (int)gap.SizeBytes));
        }, () => CompleteAsync(repo, upload));
    }

    public static async Task<WayIn> CompleteAsync(ArtifactProcess service, int bytes)
    {
        var (repo, content) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        var upload = await UploadTests.CreateAsync(repo, content);
        using (var part = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/0", new ByteArrayContent(content))) await part.ShouldBeAsync(HttpStatusCode.NoContent);
        return new WayIn("completing", repo, [content], () => repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null), () => Task.CompletedTask);
    }

    public static async Task<WayIn> BatchAsync(ArtifactProcess service, int bytes)
    {
        var repo = await service.ARepositoryAsync();
        var contents = Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetBytes(bytes / 4)).ToList();
        var body = contents.Framed();
        return new WayIn("a batch", repo, contents, () => repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(body)), () => Task.CompletedTask);
    }

    public static async Task<WayIn> HubAsync(ArtifactProcess service, int bytes)
    {
        var (repo, content) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        return new WayIn("a commit by the hub's way", repo, [content], () => repo.TryHubCommitAsync("main", Hub.Header("x"), Hub.File("inline.bin", content)), () => Task.CompletedTask);
    }

    public static async Task<WayIn> LfsAsync(ArtifactProcess service, int bytes)
    {
        var (repo, content) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        var href = (await repo.BatchAsync("upload", content)).Href("upload");
        return new WayIn("an LFS object", repo, [content], () => service.Anonymous().PutAsync(href, new ByteArrayContent(content)), () => Task.CompletedTask);
    }

    public static async Task<WayIn> XorbAsync(ArtifactProcess service, int bytes)
    {
        var (repo, content) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        var ((hash, body), shard) = XetBodies.Of(content);
        var client = new XetClient(service.Anonymous(), await XetClient.TokenAsync(repo, "write"));
        return new WayIn("a xorb", repo, [content], () => client.PostAsync($"v1/xorbs/default/{hash}", body), async () =>
        {
            using var stored = await client.PostAsync("v1/shards", shard);
            await stored.ShouldBeAsync(HttpStatusCode.OK);
        });
    }

    public static async Task<WayIn> ShardAsync(ArtifactProcess service, int bytes)
    {
        var (repo, content) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        var ((hash, body), shard) = XetBodies.Of(content);
        var client = new XetClient(service.Anonymous(), await XetClient.TokenAsync(repo, "write"));
        await client.PostXorbAsync(hash, body);
        return new WayIn("a shard", repo, [content], () => client.PostAsync("v1/shards", shard), () => Task.CompletedTask);
    }

    /// <summary>A file of which all but the last chunks are there already.</summary>
    public static async Task<WayIn> ChunksAsync(ArtifactProcess service, int bytes)
    {
        var (repo, known) = (await service.ARepositoryAsync(), RandomNumberGenerator.GetBytes(bytes));
        await repo.PutBlobAsync(known);
        byte[] content = [.. known, .. RandomNumberGenerator.GetBytes(70_000)];
        var probe = await UploadTests.CreateAsync(repo, [.. content, 1]);
        for (var i = 0; await CopyAsync(repo, probe, content) is var copied; i++)
        {
            await copied.ShouldBeAsync(HttpStatusCode.OK);
            if ((await copied.ReadAsync<CopiedChunks>()).SizeBytes > 0) break;   // the index follows behind
            Assert.True(i < 300, "The blob's chunks were not indexed within 15 s.");
            await Task.Delay(50);
        }
        using (await repo.Http.DeleteAsync($"/api/v1/uploads/{probe.Id}")) { }
        var upload = await UploadTests.CreateAsync(repo, content);
        return new WayIn("known chunks", repo, [content], () => CopyAsync(repo, upload, content), async () =>
        {
            foreach (var gap in (await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).Missing!)
            {
                Assert.True(gap.OffsetBytes > 0, "nothing was copied");
                using var part = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{gap.OffsetBytes}", new ByteArrayContent(content, (int)gap.OffsetBytes, (int)gap.SizeBytes));
                await part.ShouldBeAsync(HttpStatusCode.NoContent);
            }
            await CompleteAsync(repo, upload);
        });
    }

    private static Task<HttpResponseMessage> CopyAsync(Repo repo, UploadView upload, byte[] content) =>
        repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(ChunksOf(content)));

    /// <summary>The chunks of a file as the zoo is asked for them.</summary>
    public static byte[] ChunksOf(byte[] content)
    {
        var chunks = XetBodies.Chunks(content);
        var list = new byte[chunks.Count * ChunkList.EntryBytes];
        for (var i = 0; i < chunks.Count; i++)
        {
            var entry = list.AsSpan(i * ChunkList.EntryBytes, ChunkList.EntryBytes);
            chunks[i].Hash.Write(entry);
            ChunkList.Write(entry, chunks[i].Length);
        }
        return list;
    }

    private static async Task CompleteAsync(Repo repo, UploadView upload)
    {
        using var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }
}
