using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Which revision changed an entry last. Looks back a hundred revisions; an entry that is older is told without.</summary>
internal sealed class LastCommits(ArtifactDb db)
{
    private const int MaxRevisions = 100;

    public async Task<IReadOnlyList<HubEntry>> AddAsync(Revision head, IReadOnlyList<HubEntry> entries, CancellationToken ct)
    {
        var log = await db.LogAsync(head.RepositoryId, head.Id, MaxRevisions + 1, ct);
        var found = new Dictionary<string, Revision>(StringComparer.Ordinal);
        foreach (var folder in entries.GroupBy(entry => FolderOf(entry.Path)))
        {
            var history = await HistoryAsync(log, folder.Key, ct);
            foreach (var entry in folder)
            {
                var name = entry.Path[(folder.Key.Length == 0 ? 0 : folder.Key.Length + 1)..];
                var changed = Enumerable.Range(0, history.Count).FirstOrDefault(i => i + 1 == history.Count || IdOf(history[i + 1], name) != IdOf(history[i], name));
                // The last that was read may not be the one that made it.
                if (changed + 1 < history.Count || log.Count <= MaxRevisions) found[entry.Path] = log[changed];
            }
        }
        return [.. entries.Select(entry => found.TryGetValue(entry.Path, out var revision) ? entry with { LastCommit = HubLastCommit.Of(revision) } : entry)];
    }

    /// <summary>What the folder held in each revision; null: it was not there.</summary>
    private async Task<List<IReadOnlyList<TreeEntry>?>> HistoryAsync(List<Revision> log, string folder, CancellationToken ct)
    {
        var trees = log.Select(revision => (string?)revision.Tree).ToList();
        foreach (var segment in folder.Length == 0 ? [] : folder.Split('/'))
        {
            var above = await ReadAsync(log[0].RepositoryId, trees, ct);
            trees = [.. trees.Select(tree => tree is null ? null : above[tree].FirstOrDefault(entry => entry.Name == segment && entry.Kind == EntryKind.Folder)?.GitId)];
        }
        var read = await ReadAsync(log[0].RepositoryId, trees, ct);
        return [.. trees.Select(tree => tree is null ? null : read[tree])];
    }

    private async Task<Dictionary<string, IReadOnlyList<TreeEntry>>> ReadAsync(Guid repositoryId, List<string?> trees, CancellationToken ct)
    {
        var ids = trees.OfType<string>().Distinct().ToArray();
        var rows = await db.Trees.AsNoTracking().Where(tree => tree.RepositoryId == repositoryId && ids.Contains(tree.Id)).ToListAsync(ct);
        return rows.ToDictionary(tree => tree.Id, tree => tree.Entries, StringComparer.Ordinal);
    }

    private static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var at ? path[..at] : "";

    private static string? IdOf(IReadOnlyList<TreeEntry>? folder, string name) => folder?.FirstOrDefault(entry => entry.Name == name)?.GitId;
}
