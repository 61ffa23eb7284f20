using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Folders that were read of late, in memory: a row of thousands of names costs milliseconds, and whoever pulls a kit file by file asks
/// for the same folder each time. A folder's id is the hash of what is in it, so what is here is never out of date; whether the caller may see
/// it, and whether a revision still has it, is settled before.</summary>
internal sealed class RecentFolders : IDisposable
{
    private const int MaxEntries = 100_000;   // some 40 MB

    private readonly MemoryCache _folders = new(new MemoryCacheOptions { SizeLimit = MaxEntries });

    public async ValueTask<IReadOnlyList<TreeEntry>> GetAsync(ArtifactDb db, Guid repositoryId, string tree, CancellationToken ct)
    {
        if (_folders.TryGetValue((repositoryId, tree), out IReadOnlyList<TreeEntry>? known)) return known!;
        var read = (await db.Trees.AsNoTracking().SingleAsync(row => row.RepositoryId == repositoryId && row.Id == tree, ct)).Entries;
        return _folders.Set((repositoryId, tree), read, new MemoryCacheEntryOptions { Size = read.Count + 1 });
    }

    public void Dispose() => _folders.Dispose();
}
