using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Folders of one repository, each read once, and many in one query: a level of the tree at a time.</summary>
internal sealed class Folders(ArtifactDb db, Guid repositoryId)
{
    /// <summary>So many in one query.</summary>
    public const int AtOnce = 1000;

    private readonly Dictionary<string, IReadOnlyList<TreeEntry>> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, TreeEntry>> _names = new(StringComparer.Ordinal);

    /// <summary>The ids of all that were read.</summary>
    public IReadOnlyCollection<string> Read => _known.Keys;

    public bool Knows(string tree) => _known.ContainsKey(tree);

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
            level = [.. level.Where(one => one.Left.Length > 1 && NamesIn(one.Tree).GetValueOrDefault(one.Left.Span[0]) is { Kind: EntryKind.Folder })
                .Select(one => (NamesIn(one.Tree)[one.Left.Span[0]].GitId, one.Left[1..]))];
        }
    }

    /// <summary>What is at a path; null: nothing.</summary>
    public async Task<TreeEntry?> FindAsync(string root, FilePath path, CancellationToken ct)
    {
        var (tree, entry) = (root, (TreeEntry?)null);
        foreach (var segment in path.Segments)
        {
            if (entry is { Kind: not EntryKind.Folder }) return null;
            await LoadAsync([tree], ct);
            if (!NamesIn(tree).TryGetValue(segment, out entry)) return null;
            tree = entry.GitId;
        }
        return entry;
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

    private Dictionary<string, TreeEntry> NamesIn(string tree)
    {
        if (!_names.TryGetValue(tree, out var names)) _names[tree] = names = _known[tree].ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        return names;
    }
}
