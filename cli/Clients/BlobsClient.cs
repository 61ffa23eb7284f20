using ZooPlatform.Cli.Transfers;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Clients;

internal sealed class BlobsClient(ZooHttp http)
{
    private const int AtMost = 10_000;

    /// <summary>The hashes of those blobs that must be sent.</summary>
    public async Task<IReadOnlySet<string>> MissingAsync(RepositoryName repository, IEnumerable<BlobReference> blobs, CancellationToken ct)
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in blobs.Chunk(AtMost))
        {
            var answer = await http.SendJsonAsync<MissingBlobs, MissingBlobsAnswer>(
                HttpMethod.Post, $"{RepositoriesClient.Of(repository)}/blobs/missing", new(some), ct);
            missing.UnionWith(answer.Missing);
        }
        return missing;
    }

    /// <summary>Sends small blobs in one request; answers what arrived, in the same order.</summary>
    public async Task<IReadOnlyList<BlobReference>> StoreAsync(RepositoryName repository, IReadOnlyList<HashedFile> files, CancellationToken ct)
    {
        using var content = new BatchContent(files);
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{RepositoriesClient.Of(repository)}/blobs") { Content = content }, ct);
        return (await ZooHttp.ReadAsync<StoredBlobs>(answer, ct)).Blobs;
    }
}
