using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>A repository as one caller uses it.</summary>
public sealed record Repo(HttpClient Http, RepositoryView View)
{
    public string Url => $"/api/v1/repositories/{View.Owner}/{View.Name}";

    public Repo As(Person person) => this with { Http = person.Http };

    public async Task<string> PutBlobAsync(byte[] content)
    {
        var sha256 = Hash(content);
        using var answer = await Http.PutAsync($"{Url}/blobs/{sha256}", new ByteArrayContent(content));
        await answer.ShouldBeAsync(HttpStatusCode.NoContent);
        return sha256;
    }

    public Task<HttpResponseMessage> TryCommitAsync(string? parent, string message, params FileOperation[] operations) =>
        Http.PostJsonAsync($"{Url}/revisions", new CreateRevision(message, operations, parent));

    public async Task<RevisionView> CommitAsync(string? parent, string message, params FileOperation[] operations)
    {
        using var answer = await TryCommitAsync(parent, message, operations);
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        return await answer.ReadAsync<RevisionView>();
    }

    /// <summary>Uploads and commits files.</summary>
    public async Task<RevisionView> PushAsync(string? parent, params (string Path, byte[] Content)[] files)
    {
        var operations = new List<FileOperation>();
        foreach (var (path, content) in files) operations.Add(new FileOperation(path, await PutBlobAsync(content)));
        return await CommitAsync(parent, "push", [.. operations]);
    }

    public async Task<IReadOnlyList<TreeEntryView>> FilesAsync(string revision) =>
        (await Http.GetJsonAsync<Page<TreeEntryView>>($"{Url}/tree/{revision}?recursive=true")).Items;

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

internal static partial class Wire
{
    public static byte[] Utf8(this string text) => Encoding.UTF8.GetBytes(text);

    public static async Task<Repo> CreateAsync(this Person person, string owner, string name, Visibility visibility = Visibility.Private)
    {
        using var answer = await person.Http.PostJsonAsync("/api/v1/repositories", new CreateRepository(owner, name, visibility));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        return new Repo(person.Http, await answer.ReadAsync<RepositoryView>());
    }

    /// <summary>Many contents in one body.</summary>
    public static byte[] Framed(this IEnumerable<byte[]> contents) => [.. contents.SelectMany(content => (byte[])[.. Netstrings.Head(content.Length), .. content, .. Netstrings.Tail])];

    /// <summary>Sweeps garbage, after any other sweep that runs; what it came to.</summary>
    public static async Task<GarbageReport> SweepAsync(this HttpClient admin, bool dryRun = false)
    {
        while (true)
        {
            using var answer = await admin.PostJsonAsync("/api/v1/storage/gc", new SweepStorage(dryRun));
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            var sweep = await admin.EndOfAsync(await answer.ReadAsync<SweepView>());
            Assert.True(sweep.Report is not null, $"{sweep.State}: {sweep.Error}");
            if (sweep.DryRun == dryRun) return sweep.Report;
        }
    }

    /// <summary>The same sweep when it is over.</summary>
    public static async Task<SweepView> EndOfAsync(this HttpClient admin, SweepView sweep)
    {
        for (var i = 0; sweep.State == SweepState.Running; i++)
        {
            Assert.True(i < 600, $"The sweep does not end: {sweep}");
            await Task.Delay(50);
            sweep = await admin.GetJsonAsync<SweepView>($"/api/v1/storage/gc/{sweep.Id}");
        }
        return sweep;
    }

    public static Task<HttpResponseMessage> PostJsonAsync<T>(this HttpClient http, string url, T body) => http.PostAsJsonAsync(url, body, ZooJson.Options);

    public static async Task<T> GetJsonAsync<T>(this HttpClient http, string url)
    {
        using var answer = await http.GetAsync(url);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.ReadAsync<T>();
    }

    public static async Task<T> ReadAsync<T>(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<T>(ZooJson.Options))!;

    public static async Task ShouldBeAsync(this HttpResponseMessage answer, HttpStatusCode status) =>
        Assert.True(answer.StatusCode == status, $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode}, not {(int)status}: {await answer.Content.ReadAsStringAsync()}");

    public static async Task<JsonElement> ShouldBeProblemAsync(this HttpResponseMessage answer, int status, string type)
    {
        await answer.ShouldBeAsync((HttpStatusCode)status);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"urn:zoo:{type}", problem.GetProperty("type").GetString());
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return problem;
    }

    public static async Task<JsonElement> ShouldBeProblemAsync(this Task<HttpResponseMessage> asking, int status, string type)
    {
        using var answer = await asking;
        return await answer.ShouldBeProblemAsync(status, type);
    }

    /// <summary>Status, headers and body, without what differs between any two requests.</summary>
    public static async Task<string> ShapeAsync(this Task<HttpResponseMessage> asking, string hide)
    {
        using var answer = await asking;
        var headers = string.Join('\n', answer.Headers.Concat(answer.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Content-Length" or "X-Request-ID")).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order());
        var body = TraceId().Replace(await answer.Content.ReadAsStringAsync(), "");
        return $"{(int)answer.StatusCode}\n{headers}\n{body}".Replace(hide, "*", StringComparison.Ordinal);
    }

    [GeneratedRegex("\"traceId\":\"[^\"]*\"")]
    private static partial Regex TraceId();
}
