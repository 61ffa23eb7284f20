using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests.GitLfs;

/// <summary>Git LFS calls as clients make them.</summary>
internal static class Lfs
{
    public const string MediaType = "application/vnd.git-lfs+json";

    public static string LfsUrl(this Repo repo) => $"/{repo.View.Owner}/{repo.View.Name}.git/info/lfs";

    public static Task<HttpResponseMessage> PostLfsAsync(this HttpClient http, string url, object body)
    {
        var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        return http.PostAsync(url, content);
    }

    public static Task<HttpResponseMessage> TryBatchAsync(this Repo repo, string operation, params (string Oid, long Size)[] objects) =>
        repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new
        {
            operation, transfers = new[] { "basic", "multipart", "lock-cache" }, hash_algo = "sha_256", @ref = new { name = "main" },
            objects = objects.Select(one => new { oid = one.Oid, size = one.Size }),
        });

    /// <summary>The answer's only object.</summary>
    public static async Task<JsonElement> BatchAsync(this Repo repo, string operation, byte[] content)
    {
        using var answer = await repo.TryBatchAsync(operation, (Repo.Hash(content), content.Length));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(MediaType, answer.Content.Headers.ContentType?.MediaType);
        return (await JsonAsync(answer)).GetProperty("objects")[0];
    }

    /// <summary>The address of an action, below the service.</summary>
    public static string Href(this JsonElement entry, string action) => Path(entry.GetProperty("actions").GetProperty(action).GetProperty("href").GetString()!);

    public static string Path(string href)
    {
        Assert.StartsWith(ArtifactApp.PublicUrl + "/", href, StringComparison.Ordinal);
        return new Uri(href).PathAndQuery;
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    /// <summary>It is refused, in the protocol's shape.</summary>
    public static async Task ShouldBeLfsErrorAsync(this Task<HttpResponseMessage> asking, int status)
    {
        using var answer = await asking;
        await answer.ShouldBeAsync((HttpStatusCode)status);
        Assert.Equal(MediaType, answer.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty((await answer.JsonAsync()).GetProperty("message").GetString()!);
        Assert.Equal(status == 401, answer.Headers.Contains("LFS-Authenticate"));
    }
}
