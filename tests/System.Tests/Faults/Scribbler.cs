using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>A client that writes all the time, over HTTP, one thing after the other, and notes each that was acknowledged:
/// repositories, blobs, uploads by halves, commits, tags, tokens, runs.</summary>
internal sealed class Scribbler(RunningZoo running, Journal journal, string owner)
{
    private readonly Random _random = new();
    private readonly HttpClient _http = Impatient(running);
    private string? _repository;
    private string? _head;
    private string? _run;

    public async Task WriteAsync(CancellationToken enough)
    {
        for (var round = 0; !enough.IsCancellationRequested; round++)
        {
            if (_repository is null || round % 20 == 0) await NewRepositoryAsync();
            else if (round % 10 == 3) await TokenAsync();
            else if (round % 10 == 6) await QueueRunAsync();
            else if (round % 10 == 8) await DeployAsync();
            else if (round % 5 == 4) await TagAsync();
            else await CommitAsync(byHalves: round % 4 == 1);
            if (journal.Any(_random) is { } earlier) await LookAgainAsync(earlier);
        }
        _http.Dispose();
    }

    private async Task NewRepositoryAsync()
    {
        var name = $"r{Guid.CreateVersion7():N}";
        if (await SendAsync("POST repositories", HttpMethod.Post, "/api/v1/repositories", JsonContent.Create(new { owner, name })) is null) return;
        (_repository, _head) = ($"{owner}/{name}", null);
        journal.Acknowledged($"repository {owner}/{name}", http => http.GetStringAsync($"/api/v1/repositories/{owner}/{name}"));
    }

    private async Task CommitAsync(bool byHalves)
    {
        var (repository, parent) = (_repository!, _head);
        var bytes = new byte[_random.Next(1, 300_000)];
        _random.NextBytes(bytes);
        var hash = Uploads.Hash(bytes);
        var stored = byHalves ? await UploadAsync(repository, hash, bytes)
            : await SendAsync("PUT blobs", HttpMethod.Put, $"/api/v1/repositories/{repository}/blobs/{hash}", new ByteArrayContent(bytes)) is not null;
        if (!stored) return;

        var path = $"files/{Guid.CreateVersion7():N}.bin";
        var commit = new { message = "under fire", expectedParent = parent, operations = new[] { new { path, sha256 = hash } } };
        if (await SendAsync("POST revisions", HttpMethod.Post, $"/api/v1/repositories/{repository}/revisions", JsonContent.Create(commit)) is not { } made)
        {
            // It may have been made all the same: only the head can tell.
            if (await SendAsync("GET repository", HttpMethod.Get, $"/api/v1/repositories/{repository}") is { } now) _head = now.GetProperty("head").GetString();
            return;
        }
        var revision = _head = made.GetProperty("id").GetString()!;
        journal.Acknowledged($"{path} of {repository} at {revision}", async http =>
        {
            Assert.Equal(hash, Uploads.Hash(await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/{revision}/{path}")));
            // And in the branch: a later revision never forgets an acknowledged one.
            Assert.Equal(hash, Uploads.Hash(await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/files/main/{path}")));
        });
    }

    private async Task<bool> UploadAsync(string repository, string hash, byte[] bytes)
    {
        if (await SendAsync("POST uploads", HttpMethod.Post, "/api/v1/uploads", JsonContent.Create(new { repository, sha256 = hash, sizeBytes = bytes.Length })) is not { } upload)
            return false;
        var id = upload.GetProperty("id").GetString()!;
        var acknowledged = 0L;
        for (var attempts = 0; attempts < 20; attempts++)
        {
            var half = bytes[(int)acknowledged..(int)Math.Min(bytes.Length, acknowledged + bytes.Length / 2 + 1)];
            var answer = await SendAsync("PATCH uploads", HttpMethod.Patch, $"/api/v1/uploads/{id}", new ByteArrayContent(half), acknowledged)
                ?? await SendAsync("GET uploads", HttpMethod.Get, $"/api/v1/uploads/{id}");
            if (answer is null)
            {
                await Task.Delay(200);
                continue;
            }
            var offset = answer.Value.GetProperty("offsetBytes").GetInt64();
            Assert.True(offset >= acknowledged, $"Upload {id} went back from {acknowledged} to {offset}.");
            acknowledged = offset;
            if (answer.Value.GetProperty("complete").GetBoolean()) return true;
            if (offset == bytes.Length) await SendAsync("POST complete", HttpMethod.Post, $"/api/v1/uploads/{id}/complete");
        }
        return false;
    }

    private async Task TagAsync()
    {
        if (_head is not { } revision) return;
        var (repository, tag) = (_repository, $"t{Guid.CreateVersion7():N}");
        if (await SendAsync("PUT tags", HttpMethod.Put, $"/api/v1/repositories/{repository}/tags/{tag}", JsonContent.Create(new { revision })) is null) return;
        journal.Acknowledged($"tag {tag} of {repository}", async http =>
        {
            using var answer = await http.GetAsync($"/api/v1/repositories/{repository}/revisions/{tag}");
            Assert.Equal(revision, (await answer.ReadJsonAsync()).GetProperty("id").GetString());
        });
    }

    private async Task TokenAsync()
    {
        if (await SendAsync("POST tokens", HttpMethod.Post, "/api/v1/tokens", JsonContent.Create(new { name = "under fire" })) is not { } made) return;
        var token = made.GetProperty("token").GetString()!;
        journal.Acknowledged("a token", async http =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/users/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var answer = await http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
        });
    }

    /// <summary>One at a time: else they outrun the runner on a busy machine, and people's runs wait behind all of them.</summary>
    private async Task QueueRunAsync()
    {
        if (_run is not null && (await SendAsync("GET run", HttpMethod.Get, $"/api/v1/runs/{_run}"))?.GetProperty("status").GetString() is not ("succeeded" or "failed" or "cancelled")) return;
        var settings = new { iterations = 20, maxSeconds = 5 };
        if (await SendAsync("POST runs", HttpMethod.Post, "/api/v1/runs", JsonContent.Create(new { repository = "samples/digits-cnn-int8", settings })) is not { } run) return;
        var id = _run = run.GetProperty("id").GetString()!;
        journal.Acknowledged($"run {id}", async http =>
        {
            using var answer = await http.GetAsync($"/api/v1/runs/{id}");
            answer.EnsureSuccessStatusCode();
        });
    }

    /// <summary>A model is held for inference: so there is a worker.</summary>
    private Task DeployAsync() => SendAsync("POST deployments", HttpMethod.Post, "/api/v1/deployments", JsonContent.Create(new { repository = "samples/digits-cnn-int8" }));

    /// <summary>What was acknowledged is there, or it is told honestly that it cannot be seen now.</summary>
    private async Task LookAgainAsync(Journal.Entry earlier)
    {
        try
        {
            await earlier.IsThere(_http);
        }
        catch (HttpRequestException e)
        {
            journal.Answered((int?)e.StatusCode ?? 0, $"when looking for what was acknowledged: {(e.StatusCode is null ? e.HttpRequestError : earlier.What.Split(' ')[0])}");
        }
        catch (Exception e) when (e is TaskCanceledException or JsonException or Xunit.Sdk.XunitException or InvalidOperationException or KeyNotFoundException)
        {
            // An outage's answer is no answer; at the end each entry is looked at once more.
        }
    }

    /// <summary>The answer's body; null when it was refused or none came.</summary>
    private async Task<JsonElement?> SendAsync(string what, HttpMethod method, string path, HttpContent? content = null, long? offset = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (offset is not null) request.Headers.Add("Upload-Offset", $"{offset}");
        try
        {
            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode)
            {
                journal.Answered(200, what);
                return JsonDocument.Parse(body.Length == 0 ? "{}" : body).RootElement;
            }
            journal.Answered((int)answer.StatusCode, $"{what} {TypeOf(body)}");
            await Task.Delay(answer.StatusCode == HttpStatusCode.TooManyRequests ? 1000 : 100);
        }
        catch (HttpRequestException e)
        {
            journal.Answered(0, $"{what}: {e.HttpRequestError}");
            await Task.Delay(100);
        }
        catch (TaskCanceledException)
        {
            journal.Answered(0, $"{what}: nothing for {_http.Timeout.TotalSeconds} s");
        }
        return null;
    }

    private static string TypeOf(string body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.GetProperty("type").GetString()!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return body.Length > 200 ? body[..200] : body;
        }
    }

    private static HttpClient Impatient(RunningZoo running)
    {
        var http = running.Http(running.AdminToken);
        http.Timeout = TimeSpan.FromSeconds(20);
        return http;
    }
}
