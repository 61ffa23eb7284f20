namespace ZooPlatform.Contracts.Artifact;

/// <summary>Finds files that were renamed among those that differ. A page tells those of itself; who has read all pages finds the others.</summary>
public static class Renames
{
    /// <returns>In the same order. A file whose bytes went away at one path and came up at another was renamed, and stands at the new one; empty files never are.</returns>
    public static IReadOnlyList<FileDifferenceView> Paired(IEnumerable<FileDifferenceView> files)
    {
        var all = files.ToList();
        var removed = all.Where(file => file is { Kind: "removed", OldSizeBytes: > 0 }).GroupBy(file => file.OldSha256!, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => new Queue<FileDifferenceView>(same), StringComparer.Ordinal);
        var sources = new HashSet<FileDifferenceView>();
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Kind != "added" || !removed.TryGetValue(all[i].NewSha256!, out var same) || !same.TryDequeue(out var source)) continue;
            sources.Add(source);
            all[i] = all[i] with { Kind = "renamed", OldPath = source.Path, OldSha256 = source.OldSha256, OldSizeBytes = source.OldSizeBytes };
        }
        return [.. all.Where(file => !sources.Contains(file))];
    }
}
