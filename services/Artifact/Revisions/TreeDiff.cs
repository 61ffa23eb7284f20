namespace ZooPlatform.Artifact.Revisions;

/// <summary>One file that differs between two revisions.</summary>
/// <param name="Path">Of a renamed file: the new one.</param>
/// <param name="Old">Null: it was not there.</param>
/// <param name="New">Null: it is not there.</param>
/// <param name="OldPath">Of a renamed file.</param>
internal sealed record FileDifference(string Path, TreeEntry? Old, TreeEntry? New, string? OldPath = null);

/// <summary>What differs between two trees. Folders with equal ids are equal, and are not read.</summary>
internal static class TreeDiff
{
    /// <param name="from">Null: an empty tree.</param>
    /// <returns>By path, in the order of its bytes. A file of the same bytes that went away here and came up there was renamed; empty files never are.</returns>
    public static async Task<IReadOnlyList<FileDifference>> OfAsync(Folders folders, string? from, string? to, bool renames, CancellationToken ct)
    {
        var files = new List<FileDifference>();
        List<(string Prefix, string? From, string? To)> level = from == to ? [] : [("", from, to)];
        while (level.Count > 0)
        {
            await folders.LoadAsync(level.SelectMany(pair => new[] { pair.From, pair.To }).OfType<string>(), ct);
            var next = new List<(string, string?, string?)>();
            foreach (var (prefix, old, @new) in level)
            {
                var before = (old is null ? [] : await folders.GetAsync(old, ct)).ToDictionary(entry => entry.Name, StringComparer.Ordinal);
                var after = (@new is null ? [] : await folders.GetAsync(@new, ct)).ToDictionary(entry => entry.Name, StringComparer.Ordinal);
                foreach (var name in before.Keys.Union(after.Keys)) Compare(prefix + name, before.GetValueOrDefault(name), after.GetValueOrDefault(name), files, next);
            }
            level = next;
        }
        if (renames) files = Paired(files);
        files.Sort((a, b) => TreeEntry.ComparePaths(a.Path, b.Path));
        return files;
    }

    private static void Compare(string path, TreeEntry? old, TreeEntry? @new, List<FileDifference> files, List<(string, string?, string?)> folders)
    {
        var (oldFolder, newFolder) = (FolderIn(old), FolderIn(@new));
        if (oldFolder != newFolder) folders.Add((path + "/", oldFolder, newFolder));
        var (oldFile, newFile) = (oldFolder is null ? old : null, newFolder is null ? @new : null);
        // How git keeps a file (as text or as a pointer) is no difference to who uses it.
        if (oldFile?.Sha256 != newFile?.Sha256 || oldFile?.Kind != newFile?.Kind) files.Add(new FileDifference(path, oldFile, newFile));
    }

    private static List<FileDifference> Paired(List<FileDifference> files)
    {
        var removed = files.Where(file => file.New is null && file.Old!.SizeBytes > 0)
            .GroupBy(file => file.Old!.Sha256, StringComparer.Ordinal).ToDictionary(same => same.Key, same => new Queue<FileDifference>(same.OrderBy(file => file.Path, StringComparer.Ordinal)), StringComparer.Ordinal);
        var gone = new HashSet<FileDifference>(ReferenceEqualityComparer.Instance);
        var paired = new List<FileDifference>(files.Count);
        foreach (var file in files.Where(file => file.New is not null).OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            if (file.Old is not null || !removed.TryGetValue(file.New!.Sha256, out var queue) || !queue.TryDequeue(out var source))
            {
                paired.Add(file);
                continue;
            }
            gone.Add(source);
            paired.Add(new FileDifference(file.Path, source.Old, file.New, source.Path));
        }
        paired.AddRange(files.Where(file => file.New is null && !gone.Contains(file)));
        return paired;
    }

    private static string? FolderIn(TreeEntry? entry) => entry is { Kind: EntryKind.Folder } ? entry.GitId : null;
}
