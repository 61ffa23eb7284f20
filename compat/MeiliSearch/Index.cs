using System.Net.Http.Json;
using System.Text.Json.Serialization;

namespace Meilisearch;

/// <summary>An index of a server. Writes answer at once with a task that runs later, in order.</summary>
public partial class Index
{
    public Index(string uid, string primaryKey = default, DateTimeOffset? createdAt = default, DateTimeOffset? updatedAt = default)
    {
        Uid = uid;
        PrimaryKey = primaryKey;
        CreatedAt = createdAt;
        UpdatedAt = updatedAt;
    }

    public string Uid { get; internal set; }

    public string PrimaryKey { get; internal set; }

    /// <summary>When this index was made; null until the server was asked.</summary>
    public DateTimeOffset? CreatedAt { get; internal set; }

    public DateTimeOffset? UpdatedAt { get; internal set; }

    [JsonIgnore]
    internal HttpClient Http { get; set; }

    public Task<TaskInfo> DeleteAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "", null, cancellationToken);

    /// <summary>Adds documents, or replaces those with the same id as a whole. Written in camelCase, with nulls.</summary>
    public Task<TaskInfo> AddDocumentsAsync<T>(IEnumerable<T> documents, string primaryKey = default, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, primaryKey is null ? "/documents" : $"/documents?primaryKey={Uri.EscapeDataString(primaryKey)}",
            JsonContent.Create(documents, options: Json.Options), cancellationToken);

    /// <summary>Deletes by id; unknown ids are no error.</summary>
    public Task<TaskInfo> DeleteDocumentsAsync(IEnumerable<string> documentIds, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "/documents/delete-batch", JsonContent.Create(documentIds, options: Json.Options), cancellationToken);

    /// <summary>Changes the settings that are not null.</summary>
    public Task<TaskInfo> UpdateSettingsAsync(Settings settings, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, "/settings", JsonContent.Create(settings, options: Json.WithoutNulls), cancellationToken);

    public Task<IndexStats> GetStatsAsync(CancellationToken cancellationToken = default) =>
        Http.GetFromJsonAsync<IndexStats>($"indexes/{Uid}/stats", Json.Options, cancellationToken);

    /// <summary>Searches.</summary>
    /// <param name="searchAttributes">Is written to (Q, IndexUid): make one for each call.</param>
    /// <returns>A <see cref="PaginatedSearchResult{T}"/> when pages were asked for, else a <see cref="SearchResult{T}"/>.</returns>
    public async Task<ISearchable<T>> SearchAsync<T>(
        string query, SearchQuery searchAttributes = default, CancellationToken cancellationToken = default)
    {
        var body = searchAttributes ?? new SearchQuery();
        body.Q = query;
        body.IndexUid = null;
        using var answer = await Http.PostAsJsonAsync($"indexes/{Uid}/search", body, Json.WithoutNulls, cancellationToken).ConfigureAwait(false);
        return await Json.ReadAsync<ISearchable<T>>(answer, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TaskInfo> SendAsync(HttpMethod method, string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"indexes/{Uid}{path}") { Content = content };
        using var answer = await Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await Json.ReadAsync<TaskInfo>(answer, cancellationToken).ConfigureAwait(false);
    }
}
