namespace ZooPlatform.Artifact.Revisions;

/// <summary>A folder's content.</summary>
/// <param name="tree">Its git id.</param>
internal delegate Task<IReadOnlyList<TreeEntry>> LoadFolder(string tree, CancellationToken ct);

/// <summary>All files of a revision while the next one is made of them. Folders are read when they are first touched, so a
/// commit costs what it changes and not what the repository holds.</summary>
internal sealed class Snapshot
{
    private readonly LoadFolder _load;
    private readonly Folder _root;

    private Snapshot(LoadFolder load, Folder root) => (_load, _root) = (load, root);

    /// <param name="tree">The parent's root; null: begin empty.</param>
    public static async Task<Snapshot> OpenAsync(LoadFolder load, string? tree, CancellationToken ct) =>
        new(load, new Folder(tree is null ? [] : await load(tree, ct)));

    /// <summary>The file at a path; null: there is none.</summary>
    public async Task<TreeEntry?> FindAsync(FilePath path, CancellationToken ct)
    {
        var folder = _root;
        var segments = path.Segments;
        foreach (var segment in segments[..^1])
            if (await OpenAsync(folder, segment, ct) is { } next) folder = next;
            else return null;
        return folder.Entries.GetValueOrDefault(segments[^1]) is { Kind: not EntryKind.Folder } entry ? entry : null;
    }

    /// <summary>Puts a file, in place of the one that is there.</summary>
    /// <param name="content">Its name is the path's last segment.</param>
    /// <returns>Why it cannot stand there, as the end of a sentence; null: done.</returns>
    public async Task<string?> PutAsync(FilePath path, TreeEntry content, CancellationToken ct)
    {
        var folder = _root;
        var segments = path.Segments;
        foreach (var segment in segments[..^1])
        {
            if (folder.Collision(segment) is { } other) return $"needs the folder '{segment}' beside '{other}', which other systems take for the same name";
            if (folder.Entries.TryGetValue(segment, out var entry) && entry.Kind != EntryKind.Folder) return $"needs the folder '{segment}', where a file is";
            folder = await OpenAsync(folder, segment, ct) ?? folder.Create(segment);
        }
        if (folder.Collision(content.Name) is { } twin) return $"stands beside '{twin}', which other systems take for the same name";
        if (folder.Entries.TryGetValue(content.Name, out var there) && there.Kind == EntryKind.Folder) return "is a folder";
        folder.Put(content);
        return null;
    }

    /// <summary>Deletes a file, and the folders that are empty then. False: there is no such file.</summary>
    public Task<bool> DeleteAsync(FilePath path, CancellationToken ct) => DeleteAsync(_root, path.Segments, ct);

    /// <summary>Every file with its path; reads every folder.</summary>
    public async Task<IReadOnlyList<(FilePath Path, TreeEntry Entry)>> FilesAsync(CancellationToken ct)
    {
        var files = new List<(FilePath, TreeEntry)>();
        await AddFilesAsync(_root, "", files, ct);
        return files;
    }

    /// <summary>Gives every changed folder its id.</summary>
    /// <returns>The root, and the folders that may be new, in git's order inside.</returns>
    public (TreeEntry Root, IReadOnlyList<(string Id, IReadOnlyList<TreeEntry> Entries)> Folders) Seal()
    {
        var folders = new List<(string, IReadOnlyList<TreeEntry>)>();
        return (Seal("", _root, folders), folders);
    }

    private static TreeEntry Seal(string name, Folder folder, List<(string, IReadOnlyList<TreeEntry>)> folders)
    {
        foreach (var (child, open) in folder.Opened) folder.Entries[child] = Seal(child, open, folders);
        var entries = folder.Entries.Values.Order(TreeEntry.GitOrder).ToList();
        var id = GitIds.OfTree(entries);
        folders.Add((id, entries));
        return new TreeEntry(name, EntryKind.Folder, false, id, "", entries.Sum(entry => entry.SizeBytes), entries.Sum(entry => entry.FileCount));
    }

    private async Task<bool> DeleteAsync(Folder folder, ReadOnlyMemory<string> segments, CancellationToken ct)
    {
        var name = segments.Span[0];
        if (segments.Length == 1)
            return folder.Entries.GetValueOrDefault(name) is { Kind: not EntryKind.Folder } && folder.Remove(name);
        if (await OpenAsync(folder, name, ct) is not { } child || !await DeleteAsync(child, segments[1..], ct)) return false;
        if (child.Entries.Count == 0) folder.Remove(name);
        return true;
    }

    private async Task AddFilesAsync(Folder folder, string prefix, List<(FilePath, TreeEntry)> files, CancellationToken ct)
    {
        foreach (var entry in folder.Entries.Values.ToList())
        {
            if (entry.Kind == EntryKind.Folder) await AddFilesAsync((await OpenAsync(folder, entry.Name, ct))!, $"{prefix}{entry.Name}/", files, ct);
            else if (FilePath.TryParse(prefix + entry.Name, out var path, out _)) files.Add((path, entry));
        }
    }

    private async Task<Folder?> OpenAsync(Folder folder, string name, CancellationToken ct)
    {
        if (folder.Opened.TryGetValue(name, out var open)) return open;
        if (folder.Entries.GetValueOrDefault(name) is not { Kind: EntryKind.Folder } entry) return null;
        return folder.Opened[name] = new Folder(await _load(entry.GitId, ct));
    }

    private sealed class Folder
    {
        private readonly Dictionary<string, string> _folded = new(StringComparer.Ordinal);

        public Folder(IReadOnlyList<TreeEntry> entries)
        {
            foreach (var entry in entries) Put(entry);
        }

        public Dictionary<string, TreeEntry> Entries { get; } = new(StringComparer.Ordinal);

        /// <summary>Subfolders that were touched; their entries in <see cref="Entries"/> are stale until sealed.</summary>
        public Dictionary<string, Folder> Opened { get; } = new(StringComparer.Ordinal);

        public string? Collision(string name) => _folded.TryGetValue(FilePath.Fold(name), out var other) && other != name ? other : null;

        public void Put(TreeEntry entry)
        {
            Entries[entry.Name] = entry;
            _folded[FilePath.Fold(entry.Name)] = entry.Name;
        }

        public Folder Create(string name)
        {
            Put(new TreeEntry(name, EntryKind.Folder, false, "", "", 0, 0));
            return Opened[name] = new Folder([]);
        }

        public bool Remove(string name)
        {
            Opened.Remove(name);
            _folded.Remove(FilePath.Fold(name));
            return Entries.Remove(name);
        }
    }
}
