using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Meilisearch;

/// <summary>A Meilisearch server. Safe to share.</summary>
/// <remarks>Calls throw <see cref="MeilisearchApiError"/> when the server refuses and
/// <see cref="MeilisearchCommunicationError"/> when it cannot be reached.</remarks>
public class MeilisearchClient
{
    private readonly HttpClient http;

    /// <param name="url">The server's address; a path is kept.</param>
    public MeilisearchClient(string url, string apiKey = default)
        : this(new HttpClient(new MeilisearchMessageHandler(new HttpClientHandler())) { BaseAddress = new Uri(url) }, apiKey)
    {
    }

    /// <param name="client">Has a base address. Errors become exceptions only with a <see cref="MeilisearchMessageHandler"/>
    /// in its chain. Its Authorization and User-Agent headers are set here.</param>
    public MeilisearchClient(HttpClient client, string apiKey = default)
    {
        var address = client.BaseAddress.OriginalString;
        client.BaseAddress = new Uri(address.EndsWith('/') ? address : address + "/");
        client.DefaultRequestHeaders.Add("User-Agent", "Meilisearch .NET (v0.20.0)");
        if (!string.IsNullOrEmpty(apiKey))
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }

        http = client;
        ApiKey = apiKey;
    }

    public string ApiKey { get; }

    /// <summary>Names an index; calls nothing, and the index need not be there.</summary>
    public Index Index(string uid) => new(uid) { Http = http };

    public Task<MeiliSearchHealth> HealthAsync(CancellationToken cancellationToken = default) =>
        http.GetFromJsonAsync<MeiliSearchHealth>("health", Json.Options, cancellationToken);

    /// <summary>False, not an exception, when the server is away.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return (await HealthAsync(cancellationToken).ConfigureAwait(false)).Status == "available";
        }
        catch (Exception e) when (e is MeilisearchCommunicationError or MeilisearchApiError or HttpRequestException)
        {
            return false;
        }
    }

    public Task<TaskInfo> DeleteIndexAsync(string uid, CancellationToken cancellationToken = default) => Index(uid).DeleteAsync(cancellationToken);

    /// <summary>Asks the server about an index; an index that is not there is the error <c>index_not_found</c>.</summary>
    public async Task<Index> GetIndexAsync(string uid, CancellationToken cancellationToken = default)
    {
        var index = await http.GetFromJsonAsync<Index>($"indexes/{uid}", Json.Options, cancellationToken).ConfigureAwait(false);
        index.Http = http;
        return index;
    }

    /// <summary>The server's indexes, a page of them.</summary>
    public async Task<ResourceResults<IEnumerable<Index>>> GetAllIndexesAsync(IndexesQuery query = default, CancellationToken cancellationToken = default)
    {
        var page = await http.GetFromJsonAsync<ResourceResults<IEnumerable<Index>>>(
            $"indexes?offset={query?.Offset ?? 0}&limit={query?.Limit ?? 20}", Json.Options, cancellationToken).ConfigureAwait(false);
        foreach (var index in page.Results)
        {
            index.Http = http;
        }

        return page;
    }

    public Task<TaskResource> GetTaskAsync(int taskUid, CancellationToken cancellationToken = default) =>
        http.GetFromJsonAsync<TaskResource>($"tasks/{taskUid}", Json.Options, cancellationToken);

    /// <summary>Asks again and again until the task is over. A failed task is no exception: look at its status.</summary>
    /// <exception cref="MeilisearchTimeoutError">It was not over after <paramref name="timeoutMs"/>.</exception>
    public async Task<TaskResource> WaitForTaskAsync(
        int taskUid, double timeoutMs = 5000.0, int intervalMs = 50, CancellationToken cancellationToken = default)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start).TotalMilliseconds < timeoutMs)
        {
            var task = await GetTaskAsync(taskUid, cancellationToken).ConfigureAwait(false);
            if (task.Status is not (TaskInfoStatus.Enqueued or TaskInfoStatus.Processing))
            {
                return task;
            }

            await Task.Delay(intervalMs, cancellationToken).ConfigureAwait(false);
        }

        throw new MeilisearchTimeoutError($"The task {taskUid} was not over after {timeoutMs} ms.");
    }
}

/// <summary>The answer of the server's health route: <c>available</c>.</summary>
public class MeiliSearchHealth
{
    public string Status { get; set; }
}
