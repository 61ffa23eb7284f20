using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.HubProtocol;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>Writes in every way there is, and notes what each answer promises.</summary>
internal sealed class PushEverything(ArtifactProcess service, Repo repo)
{
    private readonly List<(Func<byte[], bool> Begins, Claim Claim)> _promised = [];
    private readonly List<(Func<byte[], bool> Ends, Claim Claim)> _released = [];
    private readonly Dictionary<string, byte[]> _files = [];
    private string? _head;

    /// <summary>Uploads that were begun: 100,000 bytes of the front are durable, and 50,000 further on.</summary>
    public List<(UploadView Upload, byte[] Content)> Open { get; } = [];

    public void TellTo(Replay replay)
    {
        foreach (var (begins, claim) in _promised) replay.Expect(begins, claim);
        foreach (var (ends, claim) in _released) replay.Release(ends, claim);
    }

    public async Task RunAsync(int open)
    {
        await PutAsync(Bytes(300_000));
        await AppendAsync(Bytes(300_000));
        await PartsAsync(Bytes(300_000));
        await BatchAsync(12);
        await HubAsync();
        await LfsAsync(Bytes(50_000));
        await XetAsync(Bytes(400_000));
        await CommitAsync();
        await ChunksAsync(Bytes(500_000));
        await SweepAsync();
        for (var i = 0; i < open; i++) await BeginAsync(Bytes(300_000));
    }

    /// <summary>Sends small blobs, in the midst of which the service dies.</summary>
    public async Task BatchUntilDeathAsync()
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => BatchAsync(5));
        Assert.True(await service.DiedAsync());
    }

    /// <summary>Everything committed is there, byte for byte.</summary>
    public async Task ShouldBeThereAsync()
    {
        foreach (var (path, content) in _files) Assert.Equal(Repo.Hash(content), Repo.Hash(await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/{path}")));
        Assert.Equal(_files.Keys.Order(StringComparer.Ordinal), (await repo.FilesAsync("main")).Select(file => file.Path).Where(path => path != ".gitattributes").Order(StringComparer.Ordinal));
    }

    /// <summary>An upload that was begun goes on where it was told to have come.</summary>
    public async Task ShouldGoOnAsync((UploadView Upload, byte[] Content) open)
    {
        var view = await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{open.Upload.Id}");
        Assert.Equal([new ByteRange(100_000, 50_000), new ByteRange(200_000, 100_000)], view.Missing!);
        foreach (var gap in view.Missing!) await PutPartAsync(open.Upload, open.Content, (int)gap.OffsetBytes, (int)(gap.OffsetBytes + gap.SizeBytes));
        using var complete = await repo.Http.PostAsync($"/api/v1/uploads/{open.Upload.Id}/complete", null);
        await complete.ShouldBeAsync(HttpStatusCode.OK);
    }

    private async Task PutAsync(byte[] content)
    {
        using var answer = await repo.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(content)}", new ByteArrayContent(content));
        Promise(answer, HttpStatusCode.NoContent, content);
    }

    private async Task AppendAsync(byte[] content)
    {
        var upload = await UploadTests.CreateAsync(repo, content);
        await PatchAsync(upload, content, 0, 100_001);
        await PatchAsync(upload, content, 100_001, content.Length);
        _files["append.bin"] = content;
    }

    private async Task PartsAsync(byte[] content)
    {
        var upload = await UploadTests.CreateAsync(repo, content);
        await PutPartAsync(upload, content, 200_000, 300_000);
        await PutPartAsync(upload, content, 0, 70_000);
        await PutPartAsync(upload, content, 70_000, 200_000);
        await CompleteAsync(upload, content);
    }

    private async Task BatchAsync(int count)
    {
        var contents = Enumerable.Range(0, count).Select(i => Bytes(100 + i * 700)).ToList();
        using var answer = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(contents.Framed()));
        foreach (var content in contents) Promise(answer, HttpStatusCode.OK, content);
    }

    private async Task HubAsync()
    {
        byte[] small = "a line of text\n".Utf8(), large = Bytes(150_000);   // the second is longer than a line may be in memory
        using var answer = await repo.TryHubCommitAsync("main", Hub.Header("by the hub's way"), Hub.File("small.txt", small), Hub.File("large.bin", large));
        Promise(answer, HttpStatusCode.OK, small);
        Promise(answer, HttpStatusCode.OK, large);
        _head = (await answer.JsonAsync()).GetProperty("commitOid").GetString();
        (_files["small.txt"], _files["large.bin"]) = (small, large);
    }

    private async Task LfsAsync(byte[] content)
    {
        var up = await repo.BatchAsync("upload", content);
        using var anybody = service.Anonymous();
        using var answer = await anybody.PutAsync(up.Href("upload"), new ByteArrayContent(content));
        Promise(answer, HttpStatusCode.OK, content);
    }

    private async Task XetAsync(byte[] content)
    {
        var ((hash, body), shard) = XetBodies.Of(content);
        var client = new XetClient(service.Anonymous(), await XetClient.TokenAsync(repo, "write"));
        using (var sent = await client.PostAsync($"v1/xorbs/default/{hash}", body))
        {
            await sent.ShouldBeAsync(HttpStatusCode.OK);
            var waits = Claim.FileIn("xorbs", Repo.Hash(body));
            _promised.Add((said => Replay.Says("insert into xorb_uploads")(said) || Answers(sent)(said), waits));
            // It is of use until its chunks are in a blob, for good: that its row is deleted is committed.
            var deleted = false;
            _released.Add((said => (deleted |= Replay.Says("delete from xorb_uploads")(said) || Replay.Says("DELETE FROM xorb_uploads")(said)) && Replay.Says("COMMIT")(said), waits));
        }
        using var stored = await client.PostAsync("v1/shards", shard);
        Promise(stored, HttpStatusCode.OK, content);
    }

    private async Task ChunksAsync(byte[] content)
    {
        await PutAsync(content);
        await CommitAsync();
        byte[] changed = [.. content, .. Bytes(70_000)];
        var upload = await UploadTests.CreateAsync(repo, changed);
        for (var tries = 0; ; tries++)
        {
            using var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(WayIn.ChunksOf(changed)));
            await answer.ShouldBeAsync(HttpStatusCode.OK);
            if ((await answer.ReadAsync<CopiedChunks>()).SizeBytes is > 0 and var copied)
            {
                _promised.Add((Told(upload, 0, copied, answer), Claim.Received(upload.Id, upload.Sha256, 0, changed[..(int)copied])));
                await PutPartAsync(upload, changed, (int)copied, changed.Length);
                break;
            }
            Assert.True(tries < 200, "The blob's chunks were not indexed within 10 s.");
            await Task.Delay(50);
        }
        await CompleteAsync(upload, changed);
        await CommitAsync();
    }

    /// <summary>What nobody refers to goes; everything else stays.</summary>
    private async Task SweepAsync()
    {
        var garbage = Bytes(2000);
        await PutAsync(garbage);
        _files.Remove($"{Repo.Hash(garbage)[..8]}.bin");
        _released.Add((Replay.Says("delete from blobs", Repo.Hash(garbage)), Claim.Blob(Repo.Hash(garbage))));
        await Task.Delay(20);   // the grace is none, and clocks tick
        Assert.Contains((await service.AnAdministrator().SweepAsync()).Blobs, blob => blob.Sha256 == Repo.Hash(garbage));
    }

    private async Task BeginAsync(byte[] content)
    {
        var upload = await UploadTests.CreateAsync(repo, content);
        await PatchAsync(upload, content, 0, 100_000);
        await PutPartAsync(upload, content, 150_000, 200_000);
        Open.Add((upload, content));
    }

    private async Task PatchAsync(UploadView upload, byte[] content, int from, int to)
    {
        using var answer = await UploadTests.SendAsync(repo, upload, $"{from}", content[from..to]);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        _promised.Add((Told(upload, from, to, answer), Claim.Received(upload.Id, upload.Sha256, from, content[from..to])));
    }

    private async Task PutPartAsync(UploadView upload, byte[] content, int from, int to)
    {
        using var answer = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{from}", new ByteArrayContent(content, from, to - from));
        await answer.ShouldBeAsync(HttpStatusCode.NoContent);
        _promised.Add((Told(upload, from, to, answer), Claim.Received(upload.Id, upload.Sha256, from, content[from..to])));
    }

    private async Task CompleteAsync(UploadView upload, byte[] content)
    {
        using var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
        Promise(answer, HttpStatusCode.OK, content);
    }

    private async Task CommitAsync()
    {
        var parent = _head is null ? [] : (await repo.FilesAsync(_head)).Select(file => file.Path).ToHashSet();
        _head = (await repo.CommitAsync(_head, "push", [.. _files.Where(file => !parent.Contains(file.Key)).Select(file => new FileOperation(file.Key, Repo.Hash(file.Value)))])).Id;
    }

    /// <summary>This answer says that the content is a blob.</summary>
    private void Promise(HttpResponseMessage answer, HttpStatusCode status, byte[] content)
    {
        Assert.Equal(status, answer.StatusCode);
        _files[$"{Repo.Hash(content)[..8]}.bin"] = content;
        _promised.Add((Answers(answer), Claim.Blob(Repo.Hash(content))));
    }

    /// <summary>The upload's row says that these bytes are durable, or the answer does.</summary>
    private static Func<byte[], bool> Told(UploadView upload, long from, long to, HttpResponseMessage answer)
    {
        var (row, answered) = (Replay.Says("update uploads set touched_at", upload.Id, from, to), Answers(answer));
        return said => row(said) || answered(said);
    }

    private static Func<byte[], bool> Answers(HttpResponseMessage answer) => Replay.Says("HTTP/1.1 ", answer.Headers.GetValues("X-Request-Id").Single());

    private static byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);
}
