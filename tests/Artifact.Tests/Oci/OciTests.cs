using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Oci;

[Collection(ReadersOnOneApp.Name)]
public sealed class OciTests(ArtifactApp app)
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    [Fact]
    public async Task A_manifest_names_every_file_as_a_layer_and_each_can_be_fetched()
    {
        var (repo, revision, weights) = await AKitAsync();
        using var answer = await repo.Http.GetAsync($"{Url(repo)}/manifests/main");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(ManifestType, answer.Content.Headers.ContentType?.ToString());
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var digest = "sha256:" + Repo.Hash(bytes);
        Assert.Equal(digest, answer.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal("registry/2.0", answer.Headers.GetValues("Docker-Distribution-API-Version").Single());
        var manifest = JsonDocument.Parse(bytes).RootElement;
        Assert.Equal("application/vnd.cncf.model.manifest.v1+json", manifest.GetProperty("artifactType").GetString());

        var layers = manifest.GetProperty("layers").EnumerateArray().ToDictionary(layer => layer.GetProperty("annotations").GetProperty("org.cncf.model.filepath").GetString()!);
        Assert.Equal([".gitattributes", "README.md", "config.json", "sub/model.onnx", "train.py"], layers.Keys);
        Assert.Equal(["weight.config", "doc", "weight.config", "weight", "code"],
            layers.Values.Select(layer => layer.GetProperty("mediaType").GetString()!.Replace("application/vnd.cncf.model.", "").Replace(".v1.raw", "")));
        Assert.Equal($"sha256:{Repo.Hash(weights)}", layers["sub/model.onnx"].GetProperty("digest").GetString());
        foreach (var layer in layers.Values) await ShouldBeThereAsync(repo, layer);

        var config = JsonDocument.Parse(await ShouldBeThereAsync(repo, manifest.GetProperty("config"))).RootElement;
        Assert.Equal(revision.Id, config.GetProperty("descriptor").GetProperty("revision").GetString());
        Assert.Equal("onnx", config.GetProperty("config").GetProperty("format").GetString());
        Assert.Equal(layers.Values.Select(layer => layer.GetProperty("digest").GetString()), config.GetProperty("modelfs").GetProperty("diffIds").EnumerateArray().Select(id => id.GetString()));

        // By digest, by the revision's id, and in another case: the same bytes.
        foreach (var reference in new[] { digest, revision.Id, "latest" })
            Assert.Equal(bytes, await repo.Http.GetByteArrayAsync($"{Url(repo).ToUpperInvariant().Replace("/V2", "/v2")}/manifests/{reference}"));
        using var head = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{Url(repo)}/manifests/main"));
        Assert.Equal((bytes.Length, digest), (head.Content.Headers.ContentLength, head.Headers.GetValues("Docker-Content-Digest").Single()));
    }

    [Fact]
    public async Task The_same_files_in_another_repository_are_no_blobs_of_this_one()
    {
        var (repo, _, weights) = await AKitAsync();
        var (_, other) = await app.ARepositoryAsync();
        await other.PushAsync(null, ("README.md", "other".Utf8()));
        await ShouldBeErrorAsync(other.Http.GetAsync($"{Url(other)}/blobs/sha256:{Repo.Hash(weights)}"), 404, "BLOB_UNKNOWN");
        using var manifest = await repo.Http.GetAsync($"{Url(repo)}/manifests/main");
        await ShouldBeErrorAsync(other.Http.GetAsync($"{Url(other)}/manifests/{manifest.Headers.GetValues("Docker-Content-Digest").Single()}"), 404, "MANIFEST_UNKNOWN");
        // Nor what was sent but never committed.
        var staged = await other.PutBlobAsync("staged only".Utf8());
        await ShouldBeErrorAsync(other.Http.GetAsync($"{Url(other)}/blobs/sha256:{staged}"), 404, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Layers_come_in_ranges()
    {
        var (repo, _, weights) = await AKitAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, $"{Url(repo)}/blobs/sha256:{Repo.Hash(weights)}") { Headers = { Range = new RangeHeaderValue(100, 199) } };
        using var part = await repo.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(weights[100..200], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal($"sha256:{Repo.Hash(weights)}", part.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Theory]
    [InlineData(ManifestType, 200)]
    [InlineData("application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json;q=0.5", 200)]
    [InlineData("*/*", 200)]
    [InlineData("application/vnd.docker.distribution.manifest.v2+json", 404)]
    public async Task A_client_that_takes_no_OCI_manifest_is_told(string accept, int status)
    {
        var (repo, _, _) = await AKitAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, $"{Url(repo)}/manifests/main");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await repo.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Tags_are_branches_and_tags_page_by_page()
    {
        var (repo, revision, _) = await AKitAsync();
        foreach (var tag in new[] { "v1", "V2", "a_b" }) await SetTagAsync(repo, tag, revision.Id);
        Assert.Equal(["V2", "a_b", "main", "v1"], await TagsAsync(repo, ""));
        using var first = await repo.Http.GetAsync($"{Url(repo)}/tags/list?n=3");
        Assert.Equal($"<{Url(repo).ToLowerInvariant()}/tags/list?n=3&last=main>; rel=\"next\"", first.Headers.GetValues("Link").Single());
        Assert.Equal(["v1"], await TagsAsync(repo, "?n=3&last=main"));
        Assert.Equal([], await TagsAsync(repo, "?n=0"));
        await ShouldBeErrorAsync(repo.Http.GetAsync($"{Url(repo)}/tags/list?n=-1"), 400, "PAGINATION_NUMBER_INVALID");
        Assert.Equal(HttpStatusCode.OK, (await repo.Http.GetAsync($"{Url(repo)}/manifests/V2")).StatusCode);
        await ShouldBeErrorAsync(repo.Http.GetAsync($"{Url(repo)}/manifests/v2"), 404, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_manifest_stays_what_it_was_when_its_tag_moves_on()
    {
        var (repo, first, _) = await AKitAsync();
        using var before = await repo.Http.GetAsync($"{Url(repo)}/manifests/main");
        var digest = before.Headers.GetValues("Docker-Content-Digest").Single();
        await repo.PushAsync(first.Id, ("README.md", "changed".Utf8()));
        using var after = await repo.Http.GetAsync($"{Url(repo)}/manifests/main");
        Assert.NotEqual(digest, after.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(await before.Content.ReadAsByteArrayAsync(), await repo.Http.GetByteArrayAsync($"{Url(repo)}/manifests/{digest}"));
    }

    [Fact]
    public async Task Nothing_refers_to_a_model_as_yet()
    {
        var (repo, _, weights) = await AKitAsync();
        using var answer = await repo.Http.GetAsync($"{Url(repo)}/referrers/sha256:{Repo.Hash(weights)}?artifactType=a/b");
        Assert.Equal("application/vnd.oci.image.index.v1+json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("artifactType", answer.Headers.GetValues("OCI-Filters-Applied").Single());
        Assert.Equal(0, (await answer.ReadAsync<JsonElement>()).GetProperty("manifests").GetArrayLength());
    }

    [Theory]
    [InlineData("POST", "blobs/uploads/")]
    [InlineData("PUT", "manifests/main")]
    [InlineData("PATCH", "blobs/uploads/x")]
    [InlineData("DELETE", "manifests/main")]
    public async Task Writing_is_refused_with_what_to_do_instead(string method, string path)
    {
        var (repo, _, _) = await AKitAsync();
        await ShouldBeErrorAsync(repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), $"{Url(repo)}/{path}")), 405, "UNSUPPORTED", "'zoo push'");
    }

    [Theory]
    [InlineData("manifests/nothing", 404, "MANIFEST_UNKNOWN")]
    [InlineData("manifests/sha256:abc", 400, "DIGEST_INVALID")]
    [InlineData("blobs/sha256:..%2f..%2fx", 400, "DIGEST_INVALID")]
    [InlineData("blobs/md5:00", 400, "DIGEST_INVALID")]
    [InlineData("referrers/x", 400, "DIGEST_INVALID")]
    [InlineData("manifests/sha256:0000000000000000000000000000000000000000000000000000000000000000", 404, "MANIFEST_UNKNOWN")]
    [InlineData("tags/other", 404, "NAME_UNKNOWN")]
    public async Task What_is_not_there_is_an_error_as_registries_have_it(string path, int status, string code)
    {
        var (repo, _, _) = await AKitAsync();
        await ShouldBeErrorAsync(repo.Http.GetAsync($"{Url(repo)}/{path}"), status, code);
    }

    [Theory]
    [InlineData("GET", "manifests/main")]
    [InlineData("GET", "tags/list")]
    [InlineData("GET", "blobs/sha256:x")]
    [InlineData("GET", "referrers/x")]
    [InlineData("GET", "anything/at/all")]
    [InlineData("POST", "blobs/uploads/")]
    public async Task What_is_hidden_answers_as_what_is_missing(string method, string path)
    {
        var (repo, _, _) = await AKitAsync();
        Task<HttpResponseMessage> AskAsync(HttpClient http, string name) => http.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), $"/v2/{repo.View.Owner}/{name}/{path}"));
        foreach (var (http, status, code) in new[] { (app.Anonymous(), 401, "UNAUTHORIZED"), (app.AUser().Http, 404, "NAME_UNKNOWN") })
        {
            Assert.Equal(await AskAsync(http, "never-there").ShapeAsync("never-there"), await AskAsync(http, repo.View.Name).ShapeAsync(repo.View.Name));
            await ShouldBeErrorAsync(AskAsync(http, repo.View.Name), status, code);
        }
        using var challenged = await AskAsync(app.Anonymous(), repo.View.Name);
        Assert.Equal("Basic realm=\"zoo\"", challenged.Headers.WwwAuthenticate.ToString());
    }

    private static string Url(Repo repo) => $"/v2/{repo.View.Owner}/{repo.View.Name}";

    private static async Task<byte[]> ShouldBeThereAsync(Repo repo, JsonElement descriptor)
    {
        var digest = descriptor.GetProperty("digest").GetString()!;
        var bytes = await repo.Http.GetByteArrayAsync($"{Url(repo)}/blobs/{digest}");
        Assert.Equal((digest, descriptor.GetProperty("size").GetInt64()), ($"sha256:{Repo.Hash(bytes)}", bytes.LongLength));
        return bytes;
    }

    private static async Task<IEnumerable<string?>> TagsAsync(Repo repo, string query) =>
        (await repo.Http.GetJsonAsync<JsonElement>($"{Url(repo)}/tags/list{query}")).GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ToList();

    private static async Task SetTagAsync(Repo repo, string name, string revision)
    {
        using var answer = await repo.Http.PutAsync($"{repo.Url}/tags/{name}", System.Net.Http.Json.JsonContent.Create(new SetRef(revision), options: ZooJson.Options));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    private static async Task ShouldBeErrorAsync(Task<HttpResponseMessage> asking, int status, string code, string says = "")
    {
        using var answer = await asking;
        await answer.ShouldBeAsync((HttpStatusCode)status);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        var error = (await answer.ReadAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(says, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<(Repo Repo, RevisionView Revision, byte[] Weights)> AKitAsync()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var weights = UploadTests.RandomBytes(20_000);
        var revision = await repo.PushAsync(null, ("README.md", "# A kit\n".Utf8()), ("sub/model.onnx", weights), ("config.json", "{}".Utf8()), ("train.py", "print()".Utf8()));
        return (repo, revision, weights);
    }
}
