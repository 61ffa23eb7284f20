using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>A repository with what Catalog read of it; null: nothing yet.</summary>
internal sealed record KnownModel(Repository Repository, Model? Model);

/// <summary>The models of a path, kept for a second: an inference shall not cost two questions to the database. Forgotten as soon as a feed
/// told anything; the second is for what another instance of this service applied.</summary>
internal sealed class KnownModels(IServiceScopeFactory scopes, TimeProvider time)
{
    private const int MostKept = 1000;
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.OrdinalIgnoreCase);
    private int _told;

    /// <summary>The one of this path that the caller may read.</summary>
    /// <param name="path"><c>owner/name</c>.</param>
    public async ValueTask<KnownModel?> FindAsync(Caller caller, string path, CancellationToken ct)
    {
        if (!_kept.TryGetValue(path, out var kept) || time.GetElapsedTime(kept.At) > s_life)
        {
            kept = await LoadAsync(path, ct);
        }

        foreach (var known in kept.Models)
        {
            if (caller.MayRead(known.Repository))
            {
                return known;
            }
        }

        return null;
    }

    public void Forget()
    {
        Interlocked.Increment(ref _told);
        _kept.Clear();
    }

    private async Task<Kept> LoadAsync(string path, CancellationToken ct)
    {
        var (at, told) = (time.GetTimestamp(), Volatile.Read(ref _told));
        if (path.Split('/') is not [var owner, var name])
        {
            return new Kept(at, []);
        }

        var (ownerKey, nameKey) = (owner.ToLowerInvariant(), name.ToLowerInvariant());
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BenchmarkDb>();
        var rows = await (
            from repository in db.Repositories
            where repository.Owner.ToLower() == ownerKey && repository.Name.ToLower() == nameKey
            join model in db.Models on repository.Id equals model.Id into models
            from model in models.DefaultIfEmpty()
            select new { repository, model }).AsNoTracking().ToListAsync(ct);
        var kept = new Kept(at, [.. rows.Select(row => new KnownModel(row.repository, row.model))]);
        // What waits to be read is asked again each time: whoever pushed it waits for that.
        if (rows.Count > 0 && rows.TrueForAll(row => row.repository.Head is not null && row.model?.Revision == row.repository.Head))
        {
            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }

            _kept[path] = kept;
            if (Volatile.Read(ref _told) != told)
            {
                _kept.TryRemove(path, out _);   // a feed told something while this was read
            }
        }

        return kept;
    }

    /// <param name="Models">Usually one; for a moment a renamed repository and its name's next holder may share a path.</param>
    private sealed record Kept(long At, IReadOnlyList<KnownModel> Models);
}
