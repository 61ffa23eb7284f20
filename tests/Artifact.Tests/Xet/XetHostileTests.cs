using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Formats.Xet;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Xet;

public sealed class XetHostileTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private const string FirstXorb = "8c13ac435823d629df291ad219e67ddb4e300069e9090e7b22ccc70e1de82f1f";
    private static readonly string[] s_tables = ["blobs", "staged_blobs", "chunk_runs", "chunk_hooks", "xorbs", "xorb_runs", "xorb_uploads"];
    private static readonly Lazy<JsonArray> s_hostile = new(() => JsonNode.Parse(File.ReadAllText(SharedFolder.File("xet/index.json")))!["hostile"]!.AsArray());

    [CorpusFact]
    public async Task Recorded_hostile_bodies_are_refused_and_leave_nothing()
    {
        var xorb = await File.ReadAllBytesAsync(SharedFolder.File("xet/bodies/xorb-6a679eb99718.bin"));
        foreach (var hostile in s_hostile.Value)
        {
            var (name, expect) = ((string)hostile!["name"]!, hostile["expect"]!);
            if (name == "xorb-2000-zero-chunks") continue;   // 262 MB to hash: below
            var (_, repo) = await app.ARepositoryAsync();   // somebody who has nothing: what the others sent is not theirs
            var client = await XetClient.WriterAsync(app, repo);
            if (((string)hostile["before"]!).StartsWith("first-upload", StringComparison.Ordinal)) await client.PostXorbAsync(FirstXorb, xorb);
            var before = await StateAsync();
            using var answer = await client.PostAsync(((string)hostile["request"]!["path"]!)["{CAS}/".Length..], XetHostile.Body(hostile["request"]!));
            var allowed = expect["status"]!.AsArray().Select(status => (int)status!).ToList();
            Assert.True(allowed.Contains((int)answer.StatusCode), $"{name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            if (answer.IsSuccessStatusCode) continue;
            var error = (await answer.ReadAsync<JsonElement>()).GetProperty("error").GetString();
            Assert.Equal(error, answer.Headers.GetValues("X-Error-Message").Single());
            Assert.Equal(before, await StateAsync());
        }
    }

    [CorpusFact]
    public async Task The_second_version_says_what_is_wrong_in_its_last_line()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var client = await XetClient.WriterAsync(app, repo);
        using var answer = await client.PostAsync("v2/shards", await File.ReadAllBytesAsync(SharedFolder.File("xet/bodies/shard-42902069f20b.bin")));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var last = JsonNode.Parse((await answer.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1])!;
        Assert.Equal(("error", false), ((string)last["type"]!, (bool)last["retryable"]!));
        Assert.Contains(FirstXorb, (string)last["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_good_token_there_is_nothing()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        foreach (var token in new[] { "", "x", "x.y", (await XetClient.TokenAsync(repo, "write"))[1..] })
        {
            var client = new XetClient(app.Anonymous(), token);
            using var chunk = await client.GetAsync($"v1/chunks/default/{new string('a', 64)}");
            using var xorb = await client.PostAsync($"v1/xorbs/default/{new string('a', 64)}", []);
            using var shard = await client.PostAsync("v1/shards", []);
            using var shard2 = await client.PostAsync("v2/shards", []);
            using var file = await client.GetAsync($"v2/reconstructions/{new string('a', 64)}");
            foreach (var answer in new[] { chunk, xorb, shard, shard2, file }) await answer.ShouldBeAsync(HttpStatusCode.Unauthorized);
        }
        Assert.NotNull(ada);
    }

    [Fact]
    public async Task A_token_to_read_writes_nothing_and_one_who_may_only_read_gets_no_other()
    {
        var (_, repo) = await app.ARepositoryAsync(Visibility.Public);
        var reader = await XetClient.ReaderAsync(app, repo);
        using var xorb = await reader.PostAsync($"v1/xorbs/default/{new string('a', 64)}", []);
        using var shard = await reader.PostAsync("v1/shards", []);
        using var shard2 = await reader.PostAsync("v2/shards", []);
        foreach (var answer in new[] { xorb, shard, shard2 }) await answer.ShouldBeAsync(HttpStatusCode.Forbidden);

        var eve = app.AUser();
        using var refused = await eve.Http.GetAsync($"/api/models/{repo.View.Owner}/{repo.View.Name}/xet-write-token/main");
        await refused.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var nobody = await app.Anonymous().GetAsync($"/api/models/{repo.View.Owner}/{repo.View.Name}/xet-write-token/main");
        await nobody.ShouldBeAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("RepoNotFound", nobody.Headers.GetValues("X-Error-Code").Single());
    }

    [Fact]
    public async Task What_is_not_offered_is_missing()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var client = await XetClient.WriterAsync(app, repo);
        foreach (var path in new[] { $"v1/xorb-grants/default/{new string('a', 64)}", "v3/shards", "v1/files/x", "", "v1/xorbs/other/x" })
        {
            using var answer = await client.PostAsync(path, "{}"u8.ToArray());
            await answer.ShouldBeAsync(HttpStatusCode.NotFound);
        }
        foreach (var prefix in new[] { "default", "default-merkledb" })
        {
            using var chunk = await client.GetAsync($"v1/chunks/{prefix}/{string.Concat(Enumerable.Repeat("cd", 32))}");
            await chunk.ShouldBeAsync(HttpStatusCode.NotFound);
        }
        using var file = await client.GetAsync($"v2/reconstructions/{string.Concat(Enumerable.Repeat("ab", 32))}");
        await file.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_hash_has_64_lower_case_digits()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var client = await XetClient.WriterAsync(app, repo);
        foreach (var hash in new[] { new string('a', 63), new string('A', 64), new string('g', 64), new string('a', 65), "..%2f..%2fx" })
        {
            using var answer = await client.PostAsync($"v1/xorbs/default/{hash}", [0]);
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, hash);
        }
    }

    [Fact]
    public async Task Nobody_learns_by_xet_what_another_keeps_private()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("secret"), 400_000);
        await (await XetClient.WriterAsync(app, repo)).PushAsync(content);
        var chunks = XetBodies.Chunks(content);
        var ((xorb, body), shard) = XetBodies.Of(content);

        var (_, eves) = await app.ARepositoryAsync();
        var eve = await XetClient.WriterAsync(app, eves);
        using var chunk = await eve.GetAsync($"v1/chunks/default/{chunks[0].Hash}");
        await chunk.ShouldBeAsync(HttpStatusCode.NotFound);
        using var named = await eve.PostAsync("v1/shards", shard);
        await named.ShouldBeAsync(HttpStatusCode.BadRequest);
        using var file = await eve.GetAsync($"v2/reconstructions/{XetBodies.FileHash(content)}");
        await file.ShouldBeAsync(HttpStatusCode.NotFound);
        // Having the bytes is what it takes, and then it is as if they were new.
        await eve.PostXorbAsync(xorb, body);
        using var sent = await eve.PostAsync("v1/shards", shard);
        Assert.Equal(1, (await sent.ReadAsync<JsonElement>()).GetProperty("result").GetInt32());
    }

    [CorpusFact]
    [Trait("Category", "Long")]
    public async Task A_few_bytes_of_shard_make_no_file_larger_than_the_zoo_takes()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var client = await XetClient.WriterAsync(app, repo);
        var zeros = s_hostile.Value.Single(one => (string)one!["name"]! == "xorb-2000-zero-chunks")!["request"]!;
        var hash = ((string)zeros["path"]!)[^64..];
        await client.PostXorbAsync(hash, XetHostile.Body(zeros));   // a megabyte, which is 262 MB
        Assert.True(XetHash.TryParse(hash, out var xorb));
        var chunk = new byte[GearChunker.MaxBytes];
        var chunks = Enumerable.Repeat((XetHash.OfChunk(chunk), 0, chunk.Length), 2000).ToList();
        var before = await StateAsync();
        var terms = (int)(new ArtifactOptions().MaxBlobBytes / (2000L * chunk.Length)) + 1;
        using var answer = await client.PostAsync("v1/shards", XetBodies.Shard(chunk, chunks, [.. Enumerable.Repeat((xorb, 0, 2000, 0), terms)]));
        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.Contains("larger", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync());
    }

    private async Task<string> StateAsync()
    {
        await using var database = NpgsqlDataSource.Create(app.ConnectionString);
        var counts = new List<string>();
        foreach (var table in s_tables)
        {
            await using var count = database.CreateCommand($"select count(*) from {table}");
            counts.Add($"{table} {await count.ExecuteScalarAsync()}");
        }
        counts.AddRange(new[] { "blobs", "temporary", "uploads", "xorbs" }.Select(folder => $"{folder}/ {app.StoredFiles(folder)}"));
        return string.Join(", ", counts);
    }
}
