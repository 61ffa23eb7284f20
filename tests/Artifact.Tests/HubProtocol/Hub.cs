using System.Net;
using System.Text;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests.HubProtocol;

/// <summary>The hub's calls as its clients make them.</summary>
internal static class Hub
{
    public static string HubUrl(this Repo repo) => $"/api/models/{repo.View.Owner}/{repo.View.Name}";

    public static string WebUrl(this Repo repo) => $"/{repo.View.Owner}/{repo.View.Name}";

    public static object Header(string summary, string? parent = null) => new { key = "header", value = new { summary, description = "", parentCommit = parent } };

    public static object File(string path, byte[] content) => new { key = "file", value = new { content = Convert.ToBase64String(content), path, encoding = "base64" } };

    public static object LfsFile(string path, byte[] content) => new { key = "lfsFile", value = new { path, algo = "sha256", oid = Repo.Hash(content), size = content.Length } };

    public static object Deleted(string path) => new { key = "deletedFile", value = new { path } };

    public static Task<HttpResponseMessage> TryHubCommitAsync(this Repo repo, string branch, params object[] lines) =>
        repo.Http.PostAsync($"{repo.HubUrl()}/commit/{branch}", new StringContent(string.Join('\n', lines.Select(line => JsonSerializer.Serialize(line))), Encoding.UTF8, "application/x-ndjson"));

    /// <summary>The commit's id.</summary>
    public static async Task<string> HubCommitAsync(this Repo repo, string branch, params object[] lines)
    {
        using var answer = await repo.TryHubCommitAsync(branch, lines);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var json = await answer.JsonAsync();
        Assert.Equal($"{ArtifactApp.PublicUrl}{repo.WebUrl()}/commit/{json.GetProperty("commitOid")}", json.GetProperty("commitUrl").GetString());
        return json.GetProperty("commitOid").GetString()!;
    }

    public static Task<HttpResponseMessage> PostTextAsync(this HttpClient http, string url, object body) =>
        http.PostAsync(url, new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));

    public static async Task<JsonElement> GetHubAsync(this HttpClient http, string url)
    {
        using var answer = await http.GetAsync(url);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.JsonAsync();
    }

    /// <summary>It is refused as clients read it: status, both headers, and the body.</summary>
    public static async Task<HttpResponseMessage> ShouldBeHubErrorAsync(this Task<HttpResponseMessage> asking, int status, string? code)
    {
        var answer = await asking;
        await answer.ShouldBeAsync((HttpStatusCode)status);
        Assert.Equal(code, answer.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.Single() : null);
        var message = answer.Headers.GetValues("X-Error-Message").Single();
        Assert.NotEmpty(message);
        if (answer.RequestMessage!.Method != HttpMethod.Head) Assert.NotEmpty((await answer.JsonAsync()).GetProperty("error").GetString()!);
        return answer;
    }

    public static string? One(this HttpResponseMessage answer, string header) =>
        answer.Headers.TryGetValues(header, out var values) || answer.Content.Headers.TryGetValues(header, out values) ? values.Single() : null;
}
