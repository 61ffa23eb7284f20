using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>What a client of content says over HTTP.</summary>
internal static class Uploads
{
    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static async Task<string> NewRepositoryAsync(this RunningZoo running)
    {
        var owner = await running.NewOrganisationAsync();
        await running.Zoo.JsonAsync("repo", "create", $"{owner}/faults");
        return $"{owner}/faults";
    }

    public static async Task<string> CreateUploadAsync(this HttpClient http, string repository, string sha256, long sizeBytes)
    {
        using var made = await http.PostAsJsonAsync("/api/v1/uploads", new { repository, sha256, sizeBytes });
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return (await made.ReadJsonAsync()).GetProperty("id").GetString()!;
    }

    public static Task<HttpResponseMessage> PatchUploadAsync(this HttpClient http, string upload, long offset, HttpContent bytes)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/uploads/{upload}") { Content = bytes };
        request.Headers.Add("Upload-Offset", $"{offset}");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        return http.SendAsync(request);
    }

    public static async Task<long> OffsetAsync(this HttpClient http, string upload)
    {
        using var answer = await http.GetAsync($"/api/v1/uploads/{upload}");
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        return (await answer.ReadJsonAsync()).GetProperty("offsetBytes").GetInt64();
    }

    public static async Task FinishUploadAsync(this HttpClient http, string upload)
    {
        using var done = await http.PostAsync($"/api/v1/uploads/{upload}/complete", null);
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
    }

    public static async Task<string> PutBlobAsync(this HttpClient http, string repository, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var put = await http.PutAsync($"/api/v1/repositories/{repository}/blobs/{Hash(bytes)}", new ByteArrayContent(bytes));
        Assert.True(put.IsSuccessStatusCode, $"{put.StatusCode}: {await put.Content.ReadAsStringAsync()}");
        return Hash(bytes);
    }

    public static Task<HttpResponseMessage> CommitAsync(this HttpClient http, string repository, string? parent, params (string Path, string Sha256)[] files) =>
        http.PostAsJsonAsync($"/api/v1/repositories/{repository}/revisions", new
        {
            message = "test", expectedParent = parent, operations = files.Select(file => new { path = file.Path, sha256 = file.Sha256 }),
        });

    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    public static async Task ShouldRefuseAsync(this HttpResponseMessage answer, string mention, params int[] statuses)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(statuses.Contains((int)answer.StatusCode), $"{answer.StatusCode}: {body}");
        using var problem = JsonDocument.Parse(body);
        Assert.StartsWith("urn:zoo:", problem.RootElement.GetProperty("type").GetString());
        Assert.Contains(mention, problem.RootElement.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
    }
}
