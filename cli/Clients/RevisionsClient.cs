using System.Net.Http.Headers;
using System.Net.Http.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Clients;

internal sealed class RevisionsClient(ZooHttp http)
{
    private const int FilesAtOnce = 10_000;

    /// <param name="revision">Id, number, branch, tag or alias.</param>
    public Task<RevisionView> GetAsync(RepositoryName repository, string revision, CancellationToken ct) =>
        http.GetAsync<RevisionView>(Of(repository, revision), ct);

    /// <summary>Null when there is no such revision.</summary>
    public Task<RevisionView?> FindAsync(RepositoryName repository, string revision, CancellationToken ct) =>
        http.FindAsync<RevisionView>(Of(repository, revision), ct);

    /// <summary>Newest first, from <paramref name="revision"/> back.</summary>
    public Task<IReadOnlyList<RevisionView>> ListAsync(RepositoryName repository, string revision, int atMost, CancellationToken ct) =>
        http.ListAsync<RevisionView>(
            $"{RepositoriesClient.Of(repository)}/revisions" + ZooHttp.Query(("from", revision), ("limit", $"{Math.Min(atMost, 100)}")), ct, atMost);

    /// <summary>All files of a revision, those in folders too.</summary>
    public async Task<IReadOnlyList<TreeEntryView>> FilesAsync(RepositoryName repository, string revision, CancellationToken ct)
    {
        var entries = await http.ListAsync<TreeEntryView>(
            $"{RepositoriesClient.Of(repository)}/tree/{Uri.EscapeDataString(revision)}?recursive=true&limit={FilesAtOnce}", ct);
        return entries.Where(e => e.Kind == "file").ToList();
    }

    /// <summary>All files that differ. Without <paramref name="from"/>: from the parent of <paramref name="to"/>.</summary>
    public async Task<(string? From, string To, IReadOnlyList<FileDifferenceView> Files)> DiffAsync(
        RepositoryName repository, string? from, string to, CancellationToken ct)
    {
        var files = new List<FileDifferenceView>();
        for (string? after = null; ;)
        {
            var page = await http.GetAsync<DiffPage>($"{RepositoriesClient.Of(repository)}/diff" + ZooHttp.Query(("from", from), ("to", to), ("after", after)), ct);
            files.AddRange(page.Items);
            (from, to, after) = (page.From, page.To, page.Next);   // branches move; these do not
            if (after is null)
            {
                return (from, to, Renames.Paired(files));
            }
        }
    }

    public Task<RevisionView> CreateAsync(RepositoryName repository, CreateRevision revision, CancellationToken ct) =>
        http.SendJsonAsync<CreateRevision, RevisionView>(HttpMethod.Post, $"{RepositoriesClient.Of(repository)}/revisions", revision, ct);

    /// <summary>A file's content from <paramref name="begin"/> on; the caller disposes the answer.</summary>
    /// <param name="end">Exclusive; null: all of it.</param>
    public Task<HttpResponseMessage> OpenAsync(
        RepositoryName repository, string revision, string path, long begin, long? end, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Of(repository, "files", revision, path));
        if (begin > 0 || end is not null)
        {
            request.Headers.Range = new RangeHeaderValue(begin, end - 1);
        }
        return http.SendAsync(request, ct);
    }

    /// <summary>How a file is cut, as a <see cref="ChunkList"/>; empty when the zoo has not cut it. The caller disposes the answer.</summary>
    public Task<HttpResponseMessage> OpenChunksAsync(RepositoryName repository, string revision, string path, CancellationToken ct) =>
        http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Of(repository, "chunks", revision, path)), ct);

    /// <summary>Many files' content as netstrings, in this order; the caller disposes the answer.</summary>
    public Task<HttpResponseMessage> OpenManyAsync(RepositoryName repository, string revision, IReadOnlyList<string> paths, CancellationToken ct) =>
        http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, $"{RepositoriesClient.Of(repository)}/files/{Uri.EscapeDataString(revision)}")
            {
                Content = JsonContent.Create(new GetFiles(paths), options: ZooJson.Options),
            }, ct);

    private static string Of(RepositoryName repository, string revision) =>
        $"{RepositoriesClient.Of(repository)}/revisions/{Uri.EscapeDataString(revision)}";

    private static string Of(RepositoryName repository, string kind, string revision, string path) =>
        $"{RepositoriesClient.Of(repository)}/{kind}/{Uri.EscapeDataString(revision)}/{ZooHttp.EscapePath(path)}";
}
