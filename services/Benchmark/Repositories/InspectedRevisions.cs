using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>Revisions beside main's: Artifact says which one is meant, Catalog reads it and says what is fit. What a revision holds never
/// changes, so that is kept for a while; where a branch or tag points for a second.</summary>
internal sealed class InspectedRevisions(IHttpClientFactory clients, TimeProvider time)
{
    private const int MostKept = 1000;
    private static readonly TimeSpan s_lifeOfName = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lifeOfFiles = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(Guid, string), (long At, string? Revision)> _names = new();
    private readonly ConcurrentDictionary<(Guid, string), (long At, IReadOnlyList<ModelFileState> Files)> _files = new();

    /// <summary>The id of a revision of this repository; null: there is none.</summary>
    /// <param name="named">An id, a branch or a tag.</param>
    /// <exception cref="HttpRequestException">Artifact is out of reach.</exception>
    public async ValueTask<string?> ResolveAsync(Guid repository, string named, CancellationToken ct)
    {
        if (named.Length == 0)
        {
            return null;
        }

        if (_names.TryGetValue((repository, named), out var kept) && time.GetElapsedTime(kept.At) < s_lifeOfName)
        {
            return kept.Revision;
        }

        var at = time.GetTimestamp();
        var found = await AskAsync<RevisionView>("artifact", $"/internal/repositories/{repository}/revisions/{Uri.EscapeDataString(named)}", ct);
        Keep(_names, (repository, named), (at, found?.Id));
        return found?.Id;
    }

    /// <summary>The model files of a revision, read by Catalog now if need be; null: the revision is gone.</summary>
    /// <exception cref="HttpRequestException">Catalog is out of reach.</exception>
    public async ValueTask<IReadOnlyList<ModelFileState>?> FilesAsync(Guid repository, string revision, CancellationToken ct)
    {
        if (_files.TryGetValue((repository, revision), out var kept) && time.GetElapsedTime(kept.At) < s_lifeOfFiles)
        {
            return kept.Files;
        }

        if (await AskAsync<Page<ModelFileState>>("catalog", $"/internal/models/{repository}/revisions/{revision}/files", ct) is not { Items: var files })
        {
            return null;
        }

        Keep(_files, (repository, revision), (time.GetTimestamp(), files));
        return files;
    }

    private async Task<T?> AskAsync<T>(string service, string path, CancellationToken ct) where T : class
    {
        using var client = clients.CreateClient(ServiceClients.Own(service));
        using var answer = await client.GetAsync(path, ct);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<T>(ZooJson.Options, ct);
    }

    private static void Keep<T>(ConcurrentDictionary<(Guid, string), T> kept, (Guid, string) key, T value)
    {
        if (kept.Count >= MostKept)
        {
            kept.Clear();
        }

        kept[key] = value;
    }
}
