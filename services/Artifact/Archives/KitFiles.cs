using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.Archives;

/// <param name="Path">From the revision's root.</param>
internal sealed record KitFile(string Path, bool Executable, long SizeBytes, BlobHash Hash);

internal static class KitFiles
{
    /// <summary>Folders read at once.</summary>
    private const int Batch = 200;

    /// <summary>All files below a folder, by the bytes of their paths. Folders are read level by level, so that it takes few queries.</summary>
    /// <param name="prefix">The folder's own path with a slash; empty: the root.</param>
    public static async Task<IReadOnlyList<KitFile>> KitFilesAsync(this ArtifactDb db, Guid repositoryId, string tree, string prefix, CancellationToken ct)
    {
        var files = new List<KitFile>();
        for (var level = new List<(string Tree, string Prefix)> { (tree, prefix) }; level.Count > 0;)
        {
            var next = new List<(string, string)>();
            foreach (var batch in level.Chunk(Batch))
            {
                var ids = batch.Select(folder => folder.Tree).Distinct().ToArray();
                var rows = await db.Trees.AsNoTracking().Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct);
                foreach (var (id, below) in batch)
                    foreach (var entry in rows[id].Entries)
                        if (entry.Kind == EntryKind.Folder) next.Add((entry.GitId, $"{below}{entry.Name}/"));
                        else if (BlobHash.TryParse(entry.Sha256, out var hash)) files.Add(new KitFile(below + entry.Name, entry.Kind == EntryKind.Executable, entry.SizeBytes, hash));
            }
            level = next;
        }
        files.Sort((a, b) => TreeEntry.ComparePaths(a.Path, b.Path));
        return files;
    }
}
