using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>The content of revisions, asked of Artifact in the catalog's own name.</summary>
internal sealed class ArtifactFiles(IHttpClientFactory clients)
{
    /// <summary>All files of a revision, in order of path; null when Artifact no longer has it.</summary>
    public async Task<IReadOnlyList<TreeEntryView>?> ListAsync(Guid repository, string revision, CancellationToken ct)
    {
        using var client = clients.CreateClient(ServiceClients.Own("artifact"));
        var files = new List<TreeEntryView>();
        string? after = null;
        do
        {
            var query = after is null ? "" : $"?after={Uri.EscapeDataString(after)}";
            using var answer = await client.GetAsync($"/internal/repositories/{repository}/revisions/{revision}/tree{query}", ct);
            if (answer.StatusCode == HttpStatusCode.NotFound) return null;
            answer.EnsureSuccessStatusCode();
            var page = await answer.Content.ReadFromJsonAsync<Page<TreeEntryView>>(ZooJson.Options, ct);
            files.AddRange(page!.Items.Where(entry => entry.Kind == "file"));
            after = page.Next;
        }
        while (after is not null);
        return files;
    }

    /// <summary>A file of it, read by ranges.</summary>
    public RangedStream Open(Guid repository, string revision, TreeEntryView file)
    {
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        return new RangedStream(clients.CreateClient(ServiceClients.Own("artifact")),
            $"/internal/repositories/{repository}/revisions/{revision}/files/{path}", file.SizeBytes);
    }
}
