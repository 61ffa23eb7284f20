using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>The content of revisions, asked of Artifact in the catalog's own name.</summary>
internal sealed class ArtifactFiles(IHttpClientFactory clients)
{
    /// <summary>All files of a revision; null when Artifact no longer has it.</summary>
    public async Task<IReadOnlyList<TreeEntryView>?> ListAsync(Guid repository, string revision, CancellationToken ct)
    {
        using var client = clients.CreateClient(ServiceClients.Own("artifact"));
        using var answer = await client.GetAsync($"/internal/repositories/{repository}/revisions/{revision}/tree", ct);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        var tree = await answer.Content.ReadFromJsonAsync<IReadOnlyList<TreeEntryView>>(ZooJson.Options, ct);
        return [.. tree!.Where(entry => entry.Kind == "file")];
    }

    /// <summary>A file of it, read by ranges.</summary>
    public RangedStream Open(Guid repository, string revision, TreeEntryView file)
    {
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        return new RangedStream(clients.CreateClient(ServiceClients.Own("artifact")),
            $"/internal/repositories/{repository}/revisions/{revision}/files/{path}", file.SizeBytes);
    }
}
