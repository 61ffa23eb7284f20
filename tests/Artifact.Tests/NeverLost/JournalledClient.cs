using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.HubProtocol;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.NeverLost;

/// <summary>One client with a repository of its own, which writes down what the service acknowledged, and later asks for all of it.</summary>
/// <param name="sweeper">Whose files it sends too, while they are swept.</param>
internal sealed class JournalledClient(ArtifactProcess service, Repo repo, int seed, SweepingClient? sweeper = null)
{
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, byte[]> _contents = [];

    /// <summary>Acknowledged revisions, oldest first, and what each holds: path and SHA-256.</summary>
    private readonly List<(string Id, Dictionary<string, string> Files)> _revisions = [];

    /// <summary>Acknowledged blobs.</summary>
    private readonly List<string> _blobs = [];

    private (UploadView Upload, byte[] Content, ConcurrentBag<(long From, long To)> Acknowledged)? _upload;
    private Dictionary<string, string> _asked = [];

    /// <summary>What ended the work.</summary>
    public Exception? Ended { get; private set; }

    public int Acknowledged => _revisions.Count;

    /// <summary>Pushes in every way there is, until the service dies.</summary>
    public async Task WorkAsync()
    {
        try
        {
            using (await repo.Http.GetAsync(repo.Url)) { }   // connections of before the last kill are found dead here, where it does not matter
            while (true)
            {
                var way = _random.Next(7);
                if (way == 6)
                {
                    await HubAsync(Content(_random.Next(1_000, 150_000)));
                    continue;
                }
                var hashes = await (way switch
                {
                    0 => PutAsync(),
                    1 => AppendAsync(_random.Next(4) == 0 ? Given() ?? Content() : Content()),
                    2 => PartsAsync(service.PartBytes > 0 && _random.Next(2) == 0 ? Content(service.PartBytes + _random.Next(2_000_000)) : Content()),
                    3 => XetAsync(Content()),
                    4 => ChunksAsync(),
                    _ => BatchAsync(),
                });
                _blobs.AddRange(hashes);
                await CommitAsync(hashes);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            Ended = e;   // the service died, and this client with it
        }
    }

    /// <summary>What is there now is what was acknowledged, and whole; what was begun goes on.</summary>
    public async Task CheckAsync()
    {
        var log = (await repo.Http.GetJsonAsync<Page<RevisionView>>($"{repo.Url}/revisions?limit=100")).Items.Reverse().ToList();
        Assert.Equal(_revisions.Select(revision => revision.Id), log.Take(_revisions.Count).Select(revision => revision.Id));
        Assert.True(log.Count <= _revisions.Count + 1, $"{log.Count} revisions are there, {_revisions.Count} were acknowledged, one may have been under way.");
        var read = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < log.Count; i++)
        {
            var files = await repo.FilesAsync(log[i].Id);
            Assert.Equal(log[i].FileCount, files.Count);
            var promised = i < _revisions.Count ? _revisions[i].Files : _asked;
            Assert.Equal(promised.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => (file.Key, (string?)file.Value)),
                files.Where(file => file.Path != ".gitattributes").OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => (file.Path, file.Sha256)));
            foreach (var file in files.Where(file => read.Add(file.Sha256!)))   // each blob once: later revisions hold it too
                Assert.Equal(file.Sha256, Repo.Hash(await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{log[i].Id}/{file.Path}")));
        }
        if (log.Count > _revisions.Count) _revisions.Add((log[^1].Id, _asked));

        var references = _blobs.Distinct().Select(hash => new BlobReference(hash, _contents[hash].Length)).ToList();
        foreach (var some in references.Chunk(1000))
        {
            using var answer = await repo.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs(some));
            Assert.Empty((await answer.ReadAsync<MissingBlobsAnswer>()).Missing);
        }
        if (_upload is { } begun)
        {
            var view = await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{begun.Upload.Id}");
            foreach (var gap in view.Missing ?? [])
                Assert.DoesNotContain(begun.Acknowledged, range => range.From < gap.OffsetBytes + gap.SizeBytes && range.To > gap.OffsetBytes);
            foreach (var gap in view.Missing ?? [])
                await PutPartAsync(view.Id, begun.Content, gap.OffsetBytes, gap.OffsetBytes + gap.SizeBytes);
            await CompleteAsync(view.Id);
            _blobs.Add(view.Sha256);
            await CommitAsync([view.Sha256]);
            _upload = null;
        }
    }

    private async Task<IReadOnlyList<string>> PutAsync() => [await repo.PutBlobAsync(_random.Next(2) == 0 ? Given() ?? Content(5_000) : Content(5_000))];

    private async Task<IReadOnlyList<string>> AppendAsync(byte[] content)
    {
        var upload = await BeginAsync(content);
        for (var offset = 0; offset < content.Length;)
        {
            var to = Math.Min(content.Length, offset + _random.Next(20_000, 150_000));
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload.Id}") { Content = new ByteArrayContent(content[offset..to]) };
            request.Headers.Add("Upload-Offset", $"{offset}");
            using var answer = await repo.Http.SendAsync(request);
            await answer.ShouldBeAsync(HttpStatusCode.OK);
            _upload!.Value.Acknowledged.Add((offset, to));
            offset = to;
        }
        _upload = null;
        return [upload.Sha256];
    }

    private async Task<IReadOnlyList<string>> PartsAsync(byte[] content)
    {
        var upload = await BeginAsync(content);
        var step = content.Length / 4 + 1;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            var (from, to) = (Math.Min(content.Length, i * step), Math.Min(content.Length, (i + 1) * step));
            await PutPartAsync(upload.Id, content, from, to);
            _upload!.Value.Acknowledged.Add((from, to));
        }));
        await CompleteAsync(upload.Id);
        _upload = null;
        return [upload.Sha256];
    }

    private async Task<IReadOnlyList<string>> BatchAsync()
    {
        var contents = Enumerable.Range(0, _random.Next(2, 30)).Select(_ => _random.Next(8) == 0 ? Given() ?? Content(9) : Content(_random.Next(1, 4_000))).ToList();
        using var answer = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(contents.Framed()));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return [.. (await answer.ReadAsync<StoredBlobs>()).Blobs.Select(blob => blob.Sha256)];
    }

    /// <summary>By xorb and shard; what is acknowledged of the xorb is looked at by the shard.</summary>
    private async Task<IReadOnlyList<string>> XetAsync(byte[] content)
    {
        var ((hash, body), shard) = XetBodies.Of(content);
        var client = new XetClient(service.Anonymous(), await XetClient.TokenAsync(repo, "write"));
        await client.PostXorbAsync(hash, body);
        using var stored = await client.PostAsync("v1/shards", shard);
        await stored.ShouldBeAsync(HttpStatusCode.OK);
        return [Repo.Hash(content)];
    }

    /// <summary>A file that another is the beginning of: as much of that as the index has by now is copied.</summary>
    private async Task<IReadOnlyList<string>> ChunksAsync()
    {
        var known = _blobs.LastOrDefault(hash => _contents[hash].Length > 100_000);
        byte[] content = [.. known is null ? Content() : _contents[known], .. Content(50_000)];
        _contents[Repo.Hash(content)] = content;
        var upload = await BeginAsync(content);
        using (var copied = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(WayIn.ChunksOf(content)))) await copied.ShouldBeAsync(HttpStatusCode.OK);
        var missing = (await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).Missing!;
        if (missing is [{ OffsetBytes: > 0 and var front }]) _upload!.Value.Acknowledged.Add((0, front));
        foreach (var gap in missing) await PutPartAsync(upload.Id, content, gap.OffsetBytes, gap.OffsetBytes + gap.SizeBytes);
        await CompleteAsync(upload.Id);
        _upload = null;
        return [upload.Sha256];
    }

    /// <summary>The file within the commit.</summary>
    private async Task HubAsync(byte[] content)
    {
        var hash = Repo.Hash(content);
        var path = $"{_random.Next(5)}/{hash[..8]}.bin";
        var files = new Dictionary<string, string>(_revisions.Count == 0 ? [] : _revisions[^1].Files) { [path] = hash };
        _asked = files;
        _revisions.Add((await repo.HubCommitAsync("main", Hub.Header("push"), Hub.File(path, content)), files));
        _blobs.Add(hash);
    }

    private async Task CommitAsync(IReadOnlyList<string> hashes)
    {
        var files = new Dictionary<string, string>(_revisions.Count == 0 ? [] : _revisions[^1].Files);
        var operations = hashes.Distinct().Select(hash => new FileOperation($"{_random.Next(5)}/{hash[..8]}-{_revisions.Count}.bin", hash)).ToList();
        foreach (var operation in operations) files[operation.Path] = operation.Sha256!;
        _asked = files;
        var made = await repo.CommitAsync(_revisions.Count == 0 ? null : _revisions[^1].Id, "push", [.. operations]);
        _revisions.Add((made.Id, files));
    }

    private async Task<UploadView> BeginAsync(byte[] content)
    {
        using var answer = await repo.Http.PostJsonAsync("/api/v1/uploads", new CreateUpload($"{repo.View.Owner}/{repo.View.Name}", Repo.Hash(content), content.Length));
        var upload = await answer.ReadAsync<UploadView>();
        _upload = (upload, content, []);
        return upload;
    }

    private async Task PutPartAsync(Guid upload, byte[] content, long from, long to)
    {
        using var answer = await repo.Http.PutAsync($"/api/v1/uploads/{upload}/parts/{from}", new ByteArrayContent(content[(int)from..(int)to]));
        await answer.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    private async Task CompleteAsync(Guid upload)
    {
        using var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload}/complete", null);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>Bytes that are garbage just now; null: there are none.</summary>
    private byte[]? Given()
    {
        if (sweeper?.Pick(_random) is not { } content) return null;
        _contents[Repo.Hash(content)] = content;
        return content;
    }

    private byte[] Content(int? bytes = null)
    {
        var content = RandomNumberGenerator.GetBytes(bytes ?? _random.Next(100_000, 400_000));
        _contents[Repo.Hash(content)] = content;
        return content;
    }
}
