using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Which revision changed an entry last. Goes back through the history, of each folder reading the asked names alone, until every entry is
/// found; an entry for which two seconds are not enough (tens of thousands of revisions) is told without.</summary>
internal sealed class LastCommits(ArtifactDb db, TimeProvider time)
{
    private const int FirstLook = 100, FurtherLooks = 1000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyList<HubEntry>> AddAsync(Revision head, IReadOnlyList<HubEntry> entries, CancellationToken ct)
    {
        var (found, began) = (new Dictionary<string, Revision>(StringComparer.Ordinal), time.GetTimestamp());
        var left = entries.GroupBy(entry => FolderOf(entry.Path)).ToDictionary(folder => folder.Key, folder => folder.Select(entry => NameOf(entry.Path)).ToList(), StringComparer.Ordinal);
        var (from, looks) = (head.Id, FirstLook);
        while (left.Count > 0 && time.GetElapsedTime(began) < s_patience)
        {
            var log = await db.LogAsync(head.RepositoryId, from, looks + 1, ct);
            var isAll = log.Count <= looks;
            foreach (var (folder, names) in left.ToList())
            {
                var history = await HistoryAsync(log, folder, names, ct);
                names.RemoveAll(name => TryFind(log, history, name, isAll, found, folder));
                if (names.Count == 0) left.Remove(folder);
            }
            if (isAll) break;
            (from, looks) = (log[^1].Id, FurtherLooks);   // which the next look begins with, and so is compared with its parent
        }
        return [.. entries.Select(entry => found.TryGetValue(entry.Path, out var revision) ? entry with { LastCommit = HubLastCommit.Of(revision) } : entry)];
    }

    private static bool TryFind(
        List<Revision> log, IReadOnlyList<IReadOnlyDictionary<string, Content>> history, string name, bool isAll, Dictionary<string, Revision> found, string folder)
    {
        for (var i = 0; i < log.Count; i++)
        {
            // The first revision made all it holds; the last of a look that goes on is compared in the next.
            if (i + 1 < log.Count ? history[i].GetValueOrDefault(name) == history[i + 1].GetValueOrDefault(name) : !isAll) continue;
            found[folder.Length == 0 ? name : $"{folder}/{name}"] = log[i];
            return true;
        }
        return false;
    }

    /// <summary>What these names of the folder were in each revision.</summary>
    private async Task<IReadOnlyList<IReadOnlyDictionary<string, Content>>> HistoryAsync(List<Revision> log, string folder, List<string> names, CancellationToken ct)
    {
        var trees = log.Select(revision => (string?)revision.Tree).ToList();
        foreach (var segment in folder.Length == 0 ? [] : folder.Split('/'))
        {
            var above = await ReadAsync(log[0].RepositoryId, trees, [segment], ct);
            trees = [.. trees.Select(tree => tree is not null && above[tree].TryGetValue(segment, out var content) ? content.GitId : null)];
        }
        var read = await ReadAsync(log[0].RepositoryId, trees, [.. names], ct);
        return [.. trees.Select(tree => tree is null ? s_nothing : read[tree])];
    }

    private async Task<Dictionary<string, IReadOnlyDictionary<string, Content>>> ReadAsync(Guid repositoryId, List<string?> trees, string[] names, CancellationToken ct)
    {
        var ids = trees.OfType<string>().Distinct().ToArray();
        var rows = await db.Database.SqlQuery<Row>($"""
            select tree.id as "Tree", entry.name as "Name", entry.git_id as "GitId", entry.kind as "Kind"
            from trees tree cross join lateral unnest(tree.names, tree.git_ids, tree.kinds) as entry(name, git_id, kind)
            where tree.repository_id = {repositoryId} and tree.id = any({ids}) and entry.name = any({names})
            """).ToListAsync(ct);
        var read = ids.ToDictionary(id => id, _ => s_nothing, StringComparer.Ordinal);
        foreach (var tree in rows.GroupBy(row => row.Tree))
            read[tree.Key] = tree.ToDictionary(row => row.Name, row => new Content(row.GitId, row.Kind), StringComparer.Ordinal);
        return read;
    }

    private static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var at ? path[..at] : "";

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static readonly IReadOnlyDictionary<string, Content> s_nothing = new Dictionary<string, Content>();

    private sealed record Row(string Tree, string Name, string GitId, string Kind);

    private sealed record Content(string GitId, string Kind);
}
