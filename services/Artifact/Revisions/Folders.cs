using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Folders of one repository, each read once, and many in one query: a level of the tree at a time.</summary>
internal sealed class Folders(ArtifactDb db, Guid repositoryId)
{
    private const int AtOnce = 1000;
    private readonly Dictionary<string, IReadOnlyList<TreeEntry>> _known = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<TreeEntry>> GetAsync(string tree, CancellationToken ct)
    {
        if (!_known.ContainsKey(tree)) await LoadAsync([tree], ct);
        return _known[tree];
    }

    /// <summary>Reads these folders.</summary>
    public async Task LoadAsync(IEnumerable<string> trees, CancellationToken ct)
    {
        foreach (var ids in trees.Where(tree => !_known.ContainsKey(tree)).Distinct(StringComparer.Ordinal).Chunk(AtOnce))
        {
            var rows = await db.Trees.AsNoTracking().Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Id)).ToListAsync(ct);
            foreach (var row in rows) _known[row.Id] = row.Entries;
            if (rows.Count < ids.Length) throw new InvalidOperationException($"Repository {repositoryId} lacks {ids.Length - rows.Count} of its folders.");
        }
    }

    /// <summary>Reads every folder on the way to these files.</summary>
    public async Task LoadAlongAsync(string root, IEnumerable<FilePath> files, CancellationToken ct)
    {
        var level = files.Select(file => (Tree: root, Left: file.Segments.AsMemory())).Where(file => file.Left.Length > 0).ToList();
        while (level.Count > 0)
        {
            await LoadAsync(level.Select(one => one.Tree), ct);
            var folders = level.Select(one => one.Tree).Distinct(StringComparer.Ordinal).ToDictionary(tree => tree,
                tree => _known[tree].Where(entry => entry.Kind == EntryKind.Folder).ToDictionary(entry => entry.Name, entry => entry.GitId, StringComparer.Ordinal), StringComparer.Ordinal);
            level = [.. level.Where(one => one.Left.Length > 1 && folders[one.Tree].ContainsKey(one.Left.Span[0]))
                .Select(one => (folders[one.Tree][one.Left.Span[0]], one.Left[1..]))];
        }
    }

    /// <summary>Reads every folder.</summary>
    public async Task LoadAllAsync(string root, CancellationToken ct)
    {
        for (List<string> level = [root]; level.Count > 0;)
        {
            await LoadAsync(level, ct);
            level = [.. level.SelectMany(tree => _known[tree]).Where(entry => entry.Kind == EntryKind.Folder && !_known.ContainsKey(entry.GitId)).Select(entry => entry.GitId).Distinct(StringComparer.Ordinal)];
        }
    }
}
