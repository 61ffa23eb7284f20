using ZooPlatform.Cli.Clients;
using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Cli.Commands;

/// <summary>Work on a model that may just have been pushed: waits while the zoo still reads it.</summary>
internal static class Freshly
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How long a service may take to hear what the catalog has read.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(5);

    /// <summary>Does <paramref name="work"/>; when the zoo refuses because it has not read the newest revision yet, waits and does it again.</summary>
    public static async Task<T> ReadAsync<T>(
        ZooClient zoo, RepositoryName repository, Action<string> say, TimeProvider time, Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var read = started;
        for (var told = false; ; told = true)
        {
            try
            {
                return await work(ct);
            }
            catch (ApiRefusal refusal) when (refusal.Status is 404 or 409 or 422 && time.GetElapsedTime(started) < Patience)
            {
                var isPending = refusal.Type == "urn:zoo:model.inspection-pending" || await IsBeingReadAsync(zoo, repository, ct);
                if (isPending)
                {
                    read = time.GetTimestamp();
                }
                else if (!(MayBeLag(refusal) && time.GetElapsedTime(read) < Lag && await HasHeadAsync(zoo, repository, ct)))
                {
                    throw;
                }
                if (!told)
                {
                    say(Waiting(repository));
                }
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    /// <summary>The model as the catalog reads the main branch's head: waits while that is still being read, then takes what there is.</summary>
    public static async Task<ModelView> ModelAsync(
        ZooClient zoo, RepositoryName repository, Action<string> say, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        for (var told = false; await IsBeingReadAsync(zoo, repository, ct) && time.GetElapsedTime(started) < Patience; told = true)
        {
            if (!told)
            {
                say(Waiting(repository));
            }
            await Task.Delay(Pause, time, ct);
        }
        return await ReadAsync(zoo, repository, say, time, ct => zoo.Models.GetAsync(repository, ct), ct);
    }

    private static string Waiting(RepositoryName repository) => $"the zoo still reads {repository}: waiting";

    /// <summary>The Open Inference Protocol's refusals carry no type.</summary>
    private static bool MayBeLag(ApiRefusal refusal) =>
        refusal.Type is null or "urn:zoo:repository.unknown" or "urn:zoo:model.empty";

    private static async Task<bool> HasHeadAsync(ZooClient zoo, RepositoryName repository, CancellationToken ct) =>
        (await zoo.Repositories.FindAsync(repository, ct))?.Head is not null;

    /// <summary>The main branch's head is not what the catalog has read.</summary>
    private static async Task<bool> IsBeingReadAsync(ZooClient zoo, RepositoryName repository, CancellationToken ct)
    {
        var head = (await zoo.Repositories.FindAsync(repository, ct))?.Head;
        if (head is null)
        {
            return false;
        }
        var model = await zoo.Models.FindAsync(repository, ct);
        return model is null || model.Inspecting || model.Revision != head;
    }
}
