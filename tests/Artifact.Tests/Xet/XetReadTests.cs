using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Xet;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Xet;

public sealed class XetReadTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_range_takes_the_chunks_it_touches_and_no_other()
    {
        var (content, hash, reader) = await AFileAsync(700_000);
        foreach (var (first, last) in new[] { (0, 699_999), (100_000, 199_999), (0, 0), (699_999, 699_999), (64_699, 64_700), (650_000, 5_000_000) })
            foreach (var version in new[] { 1, 2 })
            {
                var bytes = await reader.DownloadAsync(hash, version, $"bytes={first}-{last}");
                var wanted = content[first..Math.Min(last + 1, content.Length)];
                Assert.True(bytes.Length >= wanted.Length && bytes.Length < wanted.Length + GearChunker.MaxBytes, $"{first}-{last}: {bytes.Length} bytes");
                Assert.True(bytes.AsSpan(0, wanted.Length).SequenceEqual(wanted));
            }
        using var beyond = await reader.GetAsync($"v2/reconstructions/{hash}", "bytes=700000-");
        await beyond.ShouldBeAsync(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task A_file_of_several_runs_comes_back_whole_and_in_parts()
    {
        var (content, hash, reader) = await AFileAsync(70_000_000);
        Assert.Equal(Repo.Hash(content), Repo.Hash(await reader.DownloadAsync(hash)));
        var middle = await reader.DownloadAsync(hash, 2, "bytes=60000000-69000000");
        Assert.True(content.AsSpan(60_000_000, 9_000_001).SequenceEqual(middle.AsSpan(0, 9_000_001)));
        using var answer = await reader.GetAsync($"v2/reconstructions/{hash}");
        Assert.Equal(2, (await answer.ReadAsync<JsonElement>()).GetProperty("terms").GetArrayLength());
    }

    [Fact]
    public async Task An_address_is_good_for_its_xorb_alone_and_ends_with_the_right()
    {
        var acme = app.AnOrganisation();
        var ben = app.AUser(acme);
        var repo = await ben.CreateAsync(acme.Name, app.Fresh());
        var content = XetFiles.Random(app.Fresh("bytes"), 300_000);
        await repo.PushAsync(null, ("model.bin", content));
        var hash = await MappedAsync(content);
        var reader = await XetClient.ReaderAsync(app, repo);
        using var answer = await reader.GetAsync($"v2/reconstructions/{hash}");
        var url = (await answer.ReadAsync<JsonElement>()).GetProperty("xorbs").EnumerateObject().Single().Value[0].GetProperty("url").GetString()![ArtifactApp.PublicUrl.Length..];
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(url));
        foreach (var forged in new[] { url.Replace("run=0", "run=1", StringComparison.Ordinal), url.Replace($"blob={Repo.Hash(content)}", $"blob={new string('a', 64)}", StringComparison.Ordinal),
            url.Replace("default/", "default/" + new string('0', 64) + "?", StringComparison.Ordinal), url[..^3], url.Split('?')[0] })
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(forged));
        app.Identity.Callers.TryRemove(ben.Id.ToString(), out _);
        for (var i = 0; i < 60 && await StatusAsync(url) != HttpStatusCode.Forbidden; i++) await Task.Delay(100);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(url));
    }

    [Fact]
    public async Task A_file_that_only_another_repository_holds_is_missing()
    {
        var (_, hash, _) = await AFileAsync(300_000);
        var (_, other) = await app.ARepositoryAsync();
        using var answer = await (await XetClient.ReaderAsync(app, other)).GetAsync($"v2/reconstructions/{hash}");
        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_is_public_is_read_by_nobody_in_particular()
    {
        var (_, repo) = await app.ARepositoryAsync(Visibility.Public);
        var content = XetFiles.Random(app.Fresh("public"), 300_000);
        await repo.PushAsync(null, ("model.bin", content));
        var hash = await MappedAsync(content);
        var reader = await XetClient.ReaderAsync(app, repo with { Http = app.Anonymous() });
        Assert.Equal(Repo.Hash(content), Repo.Hash(await reader.DownloadAsync(hash)));
    }

    [Fact]
    public async Task A_client_that_finds_its_chunks_names_them_and_sends_only_what_is_new()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        var before = XetFiles.Random(app.Fresh("before"), 3_000_000);
        await repo.PushAsync(null, ("model.bin", before));   // by the zoo's own way
        await MappedAsync(before);
        var other = await owner.CreateAsync(owner.Name, app.Fresh());
        var client = await XetClient.WriterAsync(app, other);
        using var told = await client.GetAsync($"v1/chunks/default/{XetBodies.Chunks(before)[0].Hash}");
        await told.ShouldBeAsync(HttpStatusCode.OK);
        using var reader = new ShardReader(await told.Content.ReadAsStreamAsync());
        await reader.ReadFilesAsync(default);
        var known = (await reader.NextXorbAsync(default))!;

        byte[] after = [.. before[..1_000_000], .. XetFiles.Random("new", 500_000), .. before[1_000_000..]];
        var chunks = XetBodies.Chunks(after);
        var places = chunks.Select(chunk => known.Chunks.ToList().FindIndex(one => one.Hash == chunk.Hash)).ToList();
        var fresh = chunks.Where((_, i) => places[i] < 0).ToList();
        var ((xorb, body), _) = Xorb(after, fresh);
        await client.PostXorbAsync(xorb.ToString(), body);
        var terms = chunks.Select((chunk, i) => places[i] >= 0 ? (known.Hash, places[i], 1, i) : (xorb, fresh.IndexOf(chunk), 1, i)).ToList();
        using var stored = await client.PostAsync("v1/shards", XetBodies.Shard(after, chunks, terms));
        await stored.ShouldBeAsync(HttpStatusCode.OK);
        Assert.True(body.Length < 1_000_000, $"{body.Length} bytes were sent of {after.Length}");
        await other.CommitAsync(null, "commit", new FileOperation("model.bin", Repo.Hash(after)));
        using var answer = await other.Http.GetAsync($"{other.Url}/files/main/model.bin");
        Assert.Equal(Repo.Hash(after), Repo.Hash(await answer.Content.ReadAsByteArrayAsync()));

        // The same client remembers the xorb it sent, long after its bytes became part of a file.
        using var again = await client.PostAsync("v1/shards", XetBodies.Shard(after, chunks, terms));
        Assert.Equal(0, (await again.ReadAsync<JsonElement>()).GetProperty("result").GetInt32());
        var part = after[fresh[0].Offset..(fresh[0].Offset + fresh[0].Length)];
        using var piece = await client.PostAsync("v1/shards", XetBodies.Shard(part, [(fresh[0].Hash, 0, part.Length)], [(xorb, 0, 1, 0)]));
        await piece.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_xorb_that_no_shard_uses_goes_after_a_while()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var ((xorb, body), shard) = XetBodies.Of(XetFiles.Random(app.Fresh("idle"), 200_000));
        var client = await XetClient.WriterAsync(app, repo);
        await client.PostXorbAsync(xorb, body);
        await client.PostXorbAsync(xorb, body);   // a retry
        var waiting = app.StoredFiles("xorbs");
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        await db.XorbUploads.Where(row => row.RepositoryId == repo.View.Id).ExecuteUpdateAsync(row => row.SetProperty(one => one.ReceivedAt, DateTimeOffset.UnixEpoch));
        await scope.ServiceProvider.GetRequiredService<DeleteIdleXorbs>().RunAsync(default);
        Assert.Equal(waiting - 1, app.StoredFiles("xorbs"));
        using var refused = await client.PostAsync("v1/shards", shard);
        await refused.ShouldBeAsync(HttpStatusCode.BadRequest);
        await client.PostXorbAsync(xorb, body);
        using var stored = await client.PostAsync("v1/shards", shard);
        await stored.ShouldBeAsync(HttpStatusCode.OK);
    }

    private static ((XetHash Hash, byte[] Body) Xorb, int Count) Xorb(byte[] content, IReadOnlyList<(XetHash Hash, int Offset, int Length)> chunks)
    {
        var (tree, body, head) = (new XetTree(), new MemoryStream(), new byte[XorbChunkHead.Bytes]);
        foreach (var (hash, offset, length) in chunks)
        {
            tree.Add(hash, length);
            XorbChunkHead.WriteRaw(length, head);
            body.Write(head);
            body.Write(content, offset, length);
        }
        return ((tree.End(), body.ToArray()), chunks.Count);
    }

    private async Task<(byte[] Content, string Hash, XetClient Reader)> AFileAsync(int bytes)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("file"), bytes);
        await repo.PushAsync(null, ("model.bin", content));
        return (content, await MappedAsync(content), await XetClient.ReaderAsync(app, repo));
    }

    private async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await app.Anonymous().GetAsync(url);
        return answer.StatusCode;
    }

    private async Task<string> MappedAsync(byte[] content)
    {
        var sha256 = Repo.Hash(content);
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        for (var i = 0; i < 300 && !await db.Blobs.AnyAsync(blob => blob.Sha256 == sha256 && blob.XetHash != null); i++) await Task.Delay(100);
        return XetHash.Read(await db.Blobs.Where(blob => blob.Sha256 == sha256).Select(blob => blob.XetHash).SingleAsync()).ToString();
    }
}
