using System.Net;
using System.Text.Json;
using ZooPlatform.Formats.Xet;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>A Xet client of one repository, as the service sees it behind the gateway: the bearer comes in a header of its own.</summary>
public sealed class XetClient(HttpClient nobody, string token)
{
    public static async Task<XetClient> WriterAsync(ArtifactApp app, Repo repo) => new(app.Anonymous(), await TokenAsync(repo, "write"));

    public static async Task<XetClient> ReaderAsync(ArtifactApp app, Repo repo) => new(app.Anonymous(), await TokenAsync(repo, "read"));

    public static async Task<string> TokenAsync(Repo repo, string right)
    {
        using var answer = await repo.Http.GetAsync($"/api/models/{repo.View.Owner}/{repo.View.Name}/xet-{right}-token/main");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var token = await answer.ReadAsync<JsonElement>();
        Assert.Equal($"{ArtifactApp.PublicUrl}/xet", token.GetProperty("casUrl").GetString());
        Assert.Equal(token.GetProperty("exp").GetInt64().ToString(), answer.Headers.GetValues("X-Xet-Token-Expiration").Single());
        Assert.Equal(token.GetProperty("accessToken").GetString(), answer.Headers.GetValues("X-Xet-Access-Token").Single());
        Assert.Equal(token.GetProperty("casUrl").GetString(), answer.Headers.GetValues("X-Xet-Cas-Url").Single());
        return token.GetProperty("accessToken").GetString()!;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body = null, string? range = null, CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/xet/{path}");
        if (token.Length > 0) request.Headers.Add("X-Zoo-Capability", token);
        if (range is not null) request.Headers.Add("Range", range);
        if (body is not null) request.Content = new ByteArrayContent(body);
        return await nobody.SendAsync(request, ct);
    }

    public Task<HttpResponseMessage> PostAsync(string path, byte[] body, CancellationToken ct = default) => SendAsync(HttpMethod.Post, path, body, ct: ct);

    public Task<HttpResponseMessage> GetAsync(string path, string? range = null) => SendAsync(HttpMethod.Get, path, range: range);

    public async Task PostXorbAsync(string hash, byte[] body)
    {
        using var answer = await PostAsync($"v1/xorbs/default/{hash}", body);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.True((await answer.ReadAsync<JsonElement>()).GetProperty("was_inserted").GetBoolean());
    }

    /// <summary>Sends a file's chunks as one xorb and a shard that makes the file of it.</summary>
    public async Task PushAsync(byte[] content)
    {
        var (xorb, shard) = XetBodies.Of(content);
        await PostXorbAsync(xorb.Hash, xorb.Body);
        using var answer = await PostAsync("v1/shards", shard);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>The file put together from what a reconstruction names, checked on the way.</summary>
    public async Task<byte[]> DownloadAsync(string fileHash, int version = 2, string? range = null)
    {
        using var answer = await GetAsync($"v{version}/reconstructions/{fileHash}", range);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var plan = await answer.ReadAsync<JsonElement>();
        var file = new MemoryStream();
        foreach (var term in plan.GetProperty("terms").EnumerateArray())
        {
            var (first, end) = (term.GetProperty("range").GetProperty("start").GetInt32(), term.GetProperty("range").GetProperty("end").GetInt32());
            var (url, bytes) = version == 1 ? First(plan, term) : Second(plan, term);
            using var xorb = await nobody.SendAsync(new HttpRequestMessage(HttpMethod.Get, url[ArtifactApp.PublicUrl.Length..]) { Headers = { { "Range", bytes } } });
            await xorb.ShouldBeAsync(HttpStatusCode.PartialContent);
            var before = file.Length;
            using var reader = new XorbReader(await xorb.Content.ReadAsStreamAsync());
            for (var i = first; i < end; i++) file.Write((await reader.NextAsync(default))!.Value.Raw.Span);
            Assert.Null(await reader.NextAsync(default));
            Assert.Equal(term.GetProperty("unpacked_length").GetInt64(), file.Length - before);
        }
        return file.ToArray()[plan.GetProperty("offset_into_first_range").GetInt32()..];
    }

    private static (string Url, string Range) First(JsonElement plan, JsonElement term)
    {
        var fetch = plan.GetProperty("fetch_info").GetProperty(term.GetProperty("hash").GetString()!).EnumerateArray()
            .First(one => one.GetProperty("range").GetRawText() == term.GetProperty("range").GetRawText());
        return (fetch.GetProperty("url").GetString()!, Bytes(fetch.GetProperty("url_range")));
    }

    private static (string Url, string Range) Second(JsonElement plan, JsonElement term)
    {
        var fetch = plan.GetProperty("xorbs").GetProperty(term.GetProperty("hash").GetString()!).EnumerateArray()
            .First(one => one.GetProperty("ranges")[0].GetProperty("chunks").GetRawText() == term.GetProperty("range").GetRawText());
        return (fetch.GetProperty("url").GetString()!, Bytes(fetch.GetProperty("ranges")[0].GetProperty("bytes")));
    }

    private static string Bytes(JsonElement range) => $"bytes={range.GetProperty("start").GetInt64()}-{range.GetProperty("end").GetInt64()}";
}
