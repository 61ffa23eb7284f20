using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Cli.Clients;

internal sealed class RunsClient(ZooHttp http)
{
    private const string Path = "/api/v1/runs";

    public Task<RunView> CreateAsync(CreateRun run, CancellationToken ct) =>
        http.SendJsonAsync<CreateRun, RunView>(HttpMethod.Post, Path, run, ct);

    public Task<RunView> GetAsync(Guid id, CancellationToken ct) => http.GetAsync<RunView>($"{Path}/{id}", ct);

    /// <summary>Newest first; none of a repository that Benchmark has not heard of yet.</summary>
    public async Task<IReadOnlyList<RunView>> NewestAsync(RepositoryName repository, int atMost, CancellationToken ct)
    {
        var page = await http.FindAsync<Page<RunView>>(
            Path + ZooHttp.Query(("repository", repository.ToString()), ("limit", $"{atMost}")), ct);
        return page?.Items ?? [];
    }
}
