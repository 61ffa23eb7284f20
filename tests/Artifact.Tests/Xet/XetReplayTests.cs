using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats.Xet;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Xet;

/// <summary>What real clients sent, byte for byte: the store's part of it. What else they ask of the hub is replayed in HubReplayTests.</summary>
public sealed class XetReplayTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private static readonly Lazy<JsonArray> s_scenarios = new(() =>
        JsonNode.Parse(File.ReadAllText(SharedFolder.File("xet/index.json")))!["scenarios"]!.AsArray());

    [CorpusFact]
    public async Task Recorded_uploads_become_the_files_they_were_in_any_order_the_client_chose()
    {
        var owner = app.AUser();
        var repos = new Dictionary<string, Repo>();
        foreach (var scenario in s_scenarios.Value)
        {
            if (scenario!["state_after"] is not { } after || (string)scenario["name"]! == "pull-request") continue;
            var name = (string)after["repo"]!;
            if (!repos.TryGetValue(name, out var repo)) repos[name] = repo = await owner.CreateAsync(owner.Name, app.Fresh("replay"));
            var client = await XetClient.WriterAsync(app, repo);
            foreach (var request in scenario["requests"]!.AsArray()) await ReplayAsync(client, request!);
            if ((string)scenario["name"]! == "lfs-upload") continue;   // its objects come by LFS
            foreach (var file in after["files"]!.AsArray().Where(file => file!["xet_file_hash"] is not null && file["made_by"] is not null))
                await CompareAsync(repo, file!);
        }
        Assert.Equal(0, app.StoredFiles("xorbs"));
        Assert.Equal(0, app.StoredFiles("temporary"));
    }

    private static async Task ReplayAsync(XetClient client, JsonNode request)
    {
        if (!((string)request["path"]!).StartsWith("{CAS}/", StringComparison.Ordinal)) return;
        var path = ((string)request["path"]!)["{CAS}/".Length..];
        var body = request["body_file"] is { } file ? await File.ReadAllBytesAsync(SharedFolder.File($"xet/{file}")) : null;
        if ((string)request["method"]! == "GET")
        {
            if (!path.Contains("/chunks/", StringComparison.Ordinal)) return;
            using var chunk = await client.GetAsync(path);
            if (chunk.StatusCode == HttpStatusCode.NotFound) return;
            // What is known to this server is told as a shard that a client can use.
            await chunk.ShouldBeAsync(HttpStatusCode.OK);
            using var reader = new ShardReader(await chunk.Content.ReadAsStreamAsync());
            Assert.Empty(await reader.ReadFilesAsync(default));
            Assert.Contains((await reader.NextXorbAsync(default))!.Chunks, told => path.EndsWith(told.Hash.ToString(), StringComparison.Ordinal));
            return;
        }
        using var answer = await client.PostAsync(path, body ?? "{}"u8.ToArray());
        if (path.Contains("xorb-grants", StringComparison.Ordinal))
        {
            await answer.ShouldBeAsync(HttpStatusCode.NotFound);
            return;
        }
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        if (path == "v2/shards")
        {
            // The client would be content with this, and not send the v1 request that the recording has next.
            var last = (await answer.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1];
            Assert.Equal("result", (string?)JsonNode.Parse(last)!["type"]);
        }
    }

    private async Task CompareAsync(Repo repo, JsonNode file)
    {
        var oid = (string)file["sha256"]!;
        Assert.Equal(oid, Repo.Hash(XetFiles.Replay((string)file["made_by"]!)));
        var branch = app.Fresh("branch");
        using var made = await repo.Http.PostJsonAsync($"{repo.Url}/revisions", new CreateRevision("commit", [new FileOperation("file.bin", oid)], null, branch));
        await made.ShouldBeAsync(HttpStatusCode.Created);
        using var bytes = await repo.Http.GetAsync($"{repo.Url}/files/{branch}/file.bin");
        await bytes.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(oid, Repo.Hash(await bytes.Content.ReadAsByteArrayAsync()));

        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ArtifactDb>();
        Assert.Equal((string?)file["xet_file_hash"], XetHash.Read(await db.Blobs.Where(blob => blob.Sha256 == oid).Select(blob => blob.XetHash).SingleAsync()).ToString());
        var chunks = (await db.ChunkRuns.Where(run => run.Sha256 == oid).OrderBy(run => run.Run).ToListAsync()).Select(run => new PackedChunks(run.Chunks))
            .SelectMany(run => Enumerable.Range(0, run.Count).Select(i => (Hash: run.HashOf(i).ToString(), Length: run.LengthOf(i)))).ToList();
        Assert.Equal(file["chunk_hashes"]!.AsArray().Select(hash => (string)hash!), chunks.Select(chunk => chunk.Hash));
        Assert.Equal(file["chunk_lengths"]!.AsArray().Select(length => (int)length!), chunks.Select(chunk => chunk.Length));

        var reader = await XetClient.ReaderAsync(app, repo);
        foreach (var version in new[] { 1, 2 })
            Assert.Equal(oid, Repo.Hash(await reader.DownloadAsync((string)file["xet_file_hash"]!, version)));
    }
}
