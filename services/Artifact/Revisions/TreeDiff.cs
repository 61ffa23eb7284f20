namespace ZooPlatform.Artifact.Revisions;

/// <summary>One file that differs between two revisions.</summary>
/// <param name="Old">Null: it was not there.</param>
/// <param name="New">Null: it is not there.</param>
internal sealed record FileDifference(string Path, TreeEntry? Old, TreeEntry? New);

/// <summary>What differs between two trees, by path, in the order of its bytes. Folders with equal ids are equal, and are not read; neither are
/// those before the cursor nor those after the page.</summary>
/// <param name="after">The last path that was told; null: from the beginning.</param>
/// <param name="limit">So many are told.</param>
internal sealed class TreeDiff(Folders folders, string? after, int limit)
{
    private readonly List<FileDifference> _files = [];
    private int _ahead = 1;

    /// <param name="from">Null: an empty tree.</param>
    public static Task<IReadOnlyList<FileDifference>> AllAsync(Folders folders, string? from, string? to, CancellationToken ct) =>
        new TreeDiff(folders, null, int.MaxValue).RunAsync(from, to, ct);

    /// <param name="from">Null: an empty tree.</param>
    public async Task<IReadOnlyList<FileDifference>> RunAsync(string? from, string? to, CancellationToken ct)
    {
        if (from == to) return [];
        await folders.LoadAsync(new[] { from, to }.OfType<string>(), ct);
        await WalkAsync(new Pair("", from, to, 0), ct);
        return _files;
    }

    private async Task WalkAsync(Pair folder, CancellationToken ct)
    {
        var below = await DifferencesAsync(folder, ct);
        for (var i = 0; i < below.Count && _files.Count < limit; i++)
        {
            if (below[i].Folder is not { } next)
            {
                _files.Add(below[i].File!);
                continue;
            }
            if (!IsKnown(next)) await ReadAheadAsync([.. below.Skip(i).Select(one => one.Folder).OfType<Pair>()], ct);
            await WalkAsync(next, ct);
        }
    }

    /// <summary>Names that differ in two folders, those that are told before left out. A folder is no file of its name: they stand at two places.</summary>
    private async Task<List<(FileDifference? File, Pair? Folder)>> DifferencesAsync(Pair pair, CancellationToken ct)
    {
        var old = pair.From is null ? [] : await folders.GetAsync(pair.From, ct);
        var @new = pair.To is null ? [] : await folders.GetAsync(pair.To, ct);
        var found = new List<(FileDifference?, Pair?)>();
        for (var (i, j) = (0, 0); i < old.Count || j < @new.Count;)
        {
            var order = i == old.Count ? 1 : j == @new.Count ? -1 : TreeEntry.GitOrder.Compare(old[i], @new[j]);
            var (was, now) = (order <= 0 ? old[i++] : null, order >= 0 ? @new[j++] : null);
            var path = pair.Prefix + (was ?? now!).SortName;
            if ((was ?? now!).Kind == EntryKind.Folder)
            {
                if (was?.GitId != now?.GitId && !IsTold(path, wholly: true)) found.Add((null, new Pair(path, was?.GitId, now?.GitId, Math.Max(was?.FileCount ?? 0, now?.FileCount ?? 0))));
            }
            // How git keeps a file (as text or as a pointer) is no difference to who uses it.
            else if ((was?.Sha256 != now?.Sha256 || was?.Kind != now?.Kind) && !IsTold(path, wholly: false))
            {
                found.Add((new FileDifference(path, was, now), null));
            }
        }
        return found;
    }

    /// <summary>Reads the first of these, and of its neighbours as many as the page will need: those whose files fit into what is left of it, with
    /// all that differs below them, level by level; else some more each time, so that a long walk takes few queries.</summary>
    private async Task ReadAheadAsync(List<Pair> siblings, CancellationToken ct)
    {
        var (left, fitting) = (limit - _files.Count, 0);
        for (long room = left; fitting < siblings.Count && (room -= siblings[fitting].FileCount) >= 0;) fitting++;
        var level = siblings.Take(Math.Max(fitting, Math.Min(_ahead, left))).ToList();
        if (level.Count > fitting) _ahead = Math.Min(2 * _ahead, Folders.AtOnce / 2);
        for (var deep = level.Count <= fitting; level.Count > 0;)
        {
            await folders.LoadAsync(level.SelectMany(pair => new[] { pair.From, pair.To }).OfType<string>(), ct);
            if (!deep) return;
            var next = new List<Pair>();
            foreach (var pair in level) next.AddRange((await DifferencesAsync(pair, ct)).Select(one => one.Folder).OfType<Pair>());
            level = next;
        }
    }

    private bool IsKnown(Pair pair) => (pair.From is null || folders.Knows(pair.From)) && (pair.To is null || folders.Knows(pair.To));

    /// <param name="wholly">Of a folder: all below it.</param>
    private bool IsTold(string path, bool wholly) =>
        after is not null && TreeEntry.ComparePaths(path, after) <= 0 && !(wholly && after.StartsWith(path, StringComparison.Ordinal));

    /// <summary>A folder that differs.</summary>
    /// <param name="Prefix">Its path and a slash.</param>
    /// <param name="FileCount">So many files can differ below it, or a few more.</param>
    private sealed record Pair(string Prefix, string? From, string? To, int FileCount);
}
