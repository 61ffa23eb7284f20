using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Xet;

/// <summary>The service as it is where every file is announced to be read by Xet.</summary>
public sealed class XetReadingApp : ArtifactApp
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Artifact:AnnounceXetBytes"] = "1000" };
}

/// <summary>All that real clients sent in the recorded runs, in order, with this server's own answers filled in. Left out: pull requests, which this
/// zoo has not, and the card check, which is Catalog's.</summary>
public sealed partial class HubReplayTests(XetReadingApp app) : IClassFixture<XetReadingApp>
{
    private readonly Dictionary<string, string> _commits = [];
    private Person _mira = null!;
    private string _token = "";

    [CorpusFact]
    public async Task Recorded_runs_of_python_clients_end_as_they_ended()
    {
        var id = Guid.CreateVersion7();
        app.Identity.Put(id, OwnerKind.User, "mira");
        _mira = app.Again(new Person(id, "mira", null!), null);
        foreach (var scenario in JsonNode.Parse(await File.ReadAllTextAsync(SharedFolder.File("xet/index.json")))!["scenarios"]!.AsArray())
        {
            var name = (string)scenario!["name"]!;
            if (name == "pull-request") continue;
            foreach (var request in scenario["requests"]!.AsArray()) await ReplayAsync(name, request!);
            if (scenario["state_after"] is { } after) await CompareAsync(name, after);
        }
        Assert.Equal(0, app.StoredFiles("xorbs"));
    }

    private async Task ReplayAsync(string scenario, JsonNode request)
    {
        var path = Placeholder().Replace((string)request["path"]!, match => _commits.GetValueOrDefault(match.Value, match.Value));
        var what = $"{scenario} {request["n"]}: {request["method"]} {path}";
        // The bytes of xorbs are had at addresses of this server's own, below.
        if (path == "/api/validate-yaml" || path.StartsWith("/xorb-data/", StringComparison.Ordinal)) return;
        if (path.StartsWith("{CAS}/", StringComparison.Ordinal))
        {
            await ReplayStoreAsync(what, path["{CAS}".Length..], request);
            return;
        }
        using var message = new HttpRequestMessage(HttpMethod.Parse((string)request["method"]!), path) { Content = await BodyAsync(request) };
        using var answer = await _mira.Http.SendAsync(message);
        var expected = (int)request["answer"]!["status"]!;
        Assert.True(expected == (int)answer.StatusCode, $"{what}: {(int)answer.StatusCode}, not {expected}: {await answer.Content.ReadAsStringAsync()}");
        var text = await answer.Content.ReadAsStringAsync();
        if (path.Contains("/xet-", StringComparison.Ordinal)) _token = (string)JsonNode.Parse(text)!["accessToken"]!;
        CompareAnswer(what, request["answer"]!, text, answer);
    }

    private async Task ReplayStoreAsync(string what, string path, JsonNode request)
    {
        var client = new XetClient(app.Anonymous(), _token);
        var range = (string?)request["headers"]!["Range"];
        if (path.Contains("/reconstructions/", StringComparison.Ordinal))
        {
            var content = await client.DownloadAsync(path[^64..], path.StartsWith("/v1", StringComparison.Ordinal) ? 1 : 2, range);
            Assert.Equal(path[^64..], XetBodies.FileHash(content));
            return;
        }
        var body = await BodyAsync(request) is { } sent ? await sent.ReadAsByteArrayAsync() : null;
        using var answer = await client.SendAsync(HttpMethod.Parse((string)request["method"]!), "/xet" + path, body);
        var expected = (int)request["answer"]!["status"]!;
        // This server offers the second version of shards, and finds chunks that the recorded one did not.
        var more = answer.StatusCode == HttpStatusCode.OK && (path == "/v2/shards" || path.Contains("/chunks/", StringComparison.Ordinal));
        Assert.True(expected == (int)answer.StatusCode || more, $"{what}: {(int)answer.StatusCode}, not {expected}");
        if (path == "/v2/shards") Assert.Contains("\"type\":\"result\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private void CompareAnswer(string what, JsonNode expected, string text, HttpResponseMessage answer)
    {
        foreach (var (header, value) in expected["headers"] as JsonObject ?? [])
        {
            var there = answer.Headers.TryGetValues(header, out var values) || answer.Content.Headers.TryGetValues(header, out values);
            Assert.True(there || header.StartsWith("X-Linked-", StringComparison.Ordinal), $"{what} lacks {header}");
            if (there && header is "ETag" or "X-Xet-Hash" && !what.Contains(".gitattributes", StringComparison.Ordinal)) Assert.Equal((string?)value, values!.Single());
        }
        if (expected["accepted_json"] is not JsonObject accepted || JsonNode.Parse(text) is not JsonObject actual) return;
        foreach (var (key, value) in accepted.Where(pair => pair.Value is JsonValue))
            if (((string)value!.ToString()).StartsWith("{COMMIT_", StringComparison.Ordinal))
            {
                var commit = (string)actual[key]!;
                Assert.Equal(commit, _commits.TryAdd(value.ToString(), commit) ? commit : _commits[value.ToString()]);
            }
        if (accepted["transfer"] is { } transfer) Assert.Equal((string?)transfer, (string?)actual["transfer"]);
        foreach (var file in accepted["files"]?.AsArray() ?? [])   // preupload
        {
            var told = actual["files"]!.AsArray().Single(one => (string)one!["path"]! == (string)file!["path"]!)!;
            Assert.Equal((string?)file!["uploadMode"], (string?)told["uploadMode"]);
            Assert.NotNull(told["shouldIgnore"]);
            if (file["oid"] is { } oid) Assert.Equal((string?)oid, (string?)told["oid"]);
        }
    }

    private async Task CompareAsync(string scenario, JsonNode after)
    {
        using var answer = await _mira.Http.GetAsync($"/api/models/{after["repo"]}/tree/main?recursive=true&expand=false");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var tree = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Where(entry => (string)entry!["type"]! == "file").ToDictionary(entry => (string)entry!["path"]!, entry => entry!);
        Assert.Equal(after["files"]!.AsArray().Select(file => (string)file!["path"]!).Order(StringComparer.Ordinal), tree.Keys.Order(StringComparer.Ordinal));
        foreach (var file in after["files"]!.AsArray().Where(file => (string)file!["path"]! != ".gitattributes"))
        {
            var entry = tree[(string)file!["path"]!];
            Assert.Equal(((long)file["size"]!, (string?)file["git_blob_sha1"]), ((long)entry["size"]!, (string?)entry["oid"]));
            Assert.Equal((string?)file["xet_file_hash"], (string?)entry["xetHash"]);
            Assert.Equal(file["xet_file_hash"] is null ? null : (string?)file["sha256"], (string?)entry["lfs"]?["oid"]);
            if (file["made_by"] is { } made) Assert.Equal((string?)file["sha256"], Repo.Hash(XetFiles.Replay((string)made!)));
            var bytes = await _mira.Http.GetByteArrayAsync($"/{after["repo"]}/resolve/main/{file["path"]}");
            Assert.True((string?)file["sha256"] == Repo.Hash(bytes), $"{scenario}: {file["path"]}");
        }
    }

    private static async Task<HttpContent?> BodyAsync(JsonNode request)
    {
        var type = (string?)request["headers"]!["Content-Type"];
        HttpContent? content = null;
        if (request["body_file"] is { } file) content = new ByteArrayContent(await File.ReadAllBytesAsync(SharedFolder.File($"xet/{file}")));
        else if (request["body_json"] is { } json) content = new StringContent(json.ToJsonString(), Encoding.UTF8);
        else if (request["body_lines"] is JsonArray lines) content = new StringContent(string.Concat(lines.Select(line => line!.ToJsonString() + "\n")), Encoding.UTF8);
        else if (request["body_text"] is { } text) content = new StringContent((string)text!, Encoding.UTF8);
        if (content is not null) content.Headers.ContentType = type is null ? null : System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        return content;
    }

    [GeneratedRegex(@"\{COMMIT_\d+\}")]
    private static partial Regex Placeholder();
}
