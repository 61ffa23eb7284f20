using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Revisions;

internal static class RevisionQueries
{
    /// <summary>The revision that an id, a number, a branch, a tag or an alias names.</summary>
    public static async Task<Revision?> FindRevisionAsync(this ArtifactDb db, Guid repositoryId, string named, CancellationToken ct)
    {
        var revisions = db.Revisions.AsNoTracking().Where(revision => revision.RepositoryId == repositoryId);
        if (GitIds.IsId(named)) return await revisions.SingleOrDefaultAsync(revision => revision.Id == named, ct);
        var found = await revisions.SingleOrDefaultAsync(
            revision => db.Refs.Any(found => found.RepositoryId == repositoryId && found.Name == named && found.Revision == revision.Id), ct);
        // Names of digits alone are older than numbers, and keep their meaning.
        if (found is not null || !int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return found;
        return await revisions.SingleOrDefaultAsync(revision => revision.Number == number, ct);
    }

    /// <summary>A revision and those before it, newest first.</summary>
    public static Task<List<Revision>> LogAsync(this ArtifactDb db, Guid repositoryId, string from, int count, CancellationToken ct) =>
        db.Revisions.FromSql($"""
            with recursive log as (
                select r.*, 1 as depth from revisions r where r.repository_id = {repositoryId} and r.id = {from}
                union all
                select r.*, log.depth + 1 from revisions r join log on r.repository_id = log.repository_id and r.id = log.parent
                where log.depth < {count})
            select * from log order by depth
            """).AsNoTracking().ToListAsync(ct);

    /// <summary>The next revision's number; the repository is locked.</summary>
    public static async Task<int> NextNumberAsync(this ArtifactDb db, Guid repositoryId, CancellationToken ct) =>
        (await db.Database.SqlQuery<int>(
            $"update repositories set revisions_made = revisions_made + 1 where id = {repositoryId} returning revisions_made as \"Value\"").ToListAsync(ct)).Single();

    public static RevisionView View(Revision revision) => new(
        revision.Id, revision.Parent, revision.Tree, revision.Message, revision.Author, revision.CreatedAt, revision.FileCount, revision.SizeBytes,
        revision.Number);

    public static ValueTask<IReadOnlyList<TreeEntry>> FolderAsync(this ArtifactDb db, Guid repositoryId, string tree, CancellationToken ct) =>
        db.GetService<RecentFolders>().GetAsync(db, repositoryId, tree, ct);

    /// <summary>What is at a path; null: nothing.</summary>
    public static async Task<TreeEntry?> FindEntryAsync(this ArtifactDb db, Revision revision, FilePath path, CancellationToken ct)
    {
        var tree = revision.Tree;
        TreeEntry? entry = null;
        foreach (var segment in path.Segments)
        {
            if (entry is { Kind: not EntryKind.Folder }) return null;
            entry = (await db.FolderAsync(revision.RepositoryId, tree, ct)).FirstOrDefault(found => found.Name == segment);
            if (entry is null) return null;
            tree = entry.GitId;
        }
        return entry;
    }

    /// <summary>One page of a folder, or of all files below it.</summary>
    /// <param name="folder">Null: the root.</param>
    /// <param name="after">The last page's last path.</param>
    /// <param name="folders">Also those that are walked through.</param>
    /// <returns>Null: there is no such folder.</returns>
    public static async Task<Page<TreeEntryView>?> ListTreeAsync(
        this ArtifactDb db, Revision revision, FilePath? folder, bool recursive, string? after, int limit, CancellationToken ct, bool folders = false)
    {
        var tree = revision.Tree;
        if (folder is not null)
        {
            if (await db.FindEntryAsync(revision, folder, ct) is not { Kind: EntryKind.Folder } entry) return null;
            tree = entry.GitId;
        }
        var listing = new Listing(db, revision.RepositoryId, recursive, folders, after, limit + 1);
        await listing.AddAsync(tree, folder is null ? "" : folder.Value + "/", ct);
        var items = listing.Items.Take(limit).ToList();
        var more = listing.Items.Count > limit;
        return new Page<TreeEntryView>(items, more ? items[^1].Path + (items[^1].Kind == "folder" ? "/" : "") : null);
    }

    private static TreeEntryView View(string path, TreeEntry entry) => new(
        path, entry.Kind == EntryKind.Folder ? "folder" : "file", entry.Kind == EntryKind.Folder ? null : entry.Sha256, entry.SizeBytes,
        entry.Kind == EntryKind.Executable, entry.Lfs, entry.GitId);

    /// <summary>Walks folders in git's order, which is the order of the paths' bytes, and skips what is before the page.</summary>
    private sealed class Listing(ArtifactDb db, Guid repositoryId, bool recursive, bool folders, string? after, int limit)
    {
        public List<TreeEntryView> Items { get; } = [];

        public async Task AddAsync(string tree, string prefix, CancellationToken ct)
        {
            foreach (var entry in await db.FolderAsync(repositoryId, tree, ct))
            {
                if (Items.Count == limit) return;
                var path = prefix + entry.Name;
                if (entry.Kind == EntryKind.Folder && recursive)
                {
                    var below = path + "/";
                    if (folders && IsAfter(below)) Items.Add(View(path, entry));
                    if (IsAfter(below) || after!.StartsWith(below, StringComparison.Ordinal)) await AddAsync(entry.GitId, below, ct);
                }
                else if (IsAfter(prefix + entry.SortName))
                {
                    Items.Add(View(path, entry));
                }
            }
        }

        private bool IsAfter(string path) => after is null || TreeEntry.ComparePaths(path, after) > 0;
    }
}
