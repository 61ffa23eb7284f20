using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>Where a blob's content comes from.</summary>
/// <param name="Lfs">Git sees the pointer.</param>
internal sealed record BlobSource(string GitId, string Sha256, long SizeBytes, bool Lfs);

/// <summary>The ids of what a pack holds. Their content is read again when it is written, so that memory holds ids alone.</summary>
internal sealed class PackContents
{
    /// <summary>Folders read at once.</summary>
    private const int Batch = 100;

    private readonly HashSet<ObjectId> _seen = [];

    public required IReadOnlyList<ObjectId> Commits { get; init; }
    public List<ObjectId> Folders { get; } = [];

    /// <summary>To be found in <see cref="Folders"/>.</summary>
    public HashSet<ObjectId> Blobs { get; } = [];

    /// <summary>Wanted by themselves.</summary>
    public List<BlobSource> Loose { get; private set; } = [];

    public int Count => Commits.Count + Folders.Count + Blobs.Count + Loose.Count;

    /// <summary>What the ids of a fetch weigh, in names of files: about a quarter of one each (<see cref="ListingTurns"/>).</summary>
    public static async Task<int> WeightAsync(ArtifactDb db, Guid repositoryId, FetchRequest ask, Negotiation outcome, CancellationToken ct)
    {
        var wants = ask.Wants.Select(id => id.ToString()).Distinct().ToArray();
        var files = await db.Revisions.Where(row => row.RepositoryId == repositoryId && wants.Contains(row.Id)).MaxAsync(row => (int?)row.FileCount, ct) ?? 0;
        return 1 + (files + outcome.Commits.Count) / 4;
    }

    /// <returns>Null: something was wanted that the repository does not hold; <paramref name="ask"/> tells which by its wants.</returns>
    public static async Task<PackContents?> FindAsync(ArtifactDb db, Guid repositoryId, FetchRequest ask, Negotiation outcome, CancellationToken ct)
    {
        var contents = new PackContents { Commits = outcome.Commits };
        if (outcome.Others.Count > 0)
        {
            contents.Loose = await LooseAsync(db, repositoryId, outcome.Others, ct);
            if (contents.Loose.Count < outcome.Others.Count) return null;
        }
        await foreach (var folder in contents.FoldersBelowAsync(db, repositoryId, outcome.Known, ct))
            foreach (var file in folder.Entries.Where(entry => entry.Kind != EntryKind.Folder)) contents._seen.Add(ObjectId.Parse(file.GitId));
        contents._seen.UnionWith(contents.Loose.Select(blob => ObjectId.Parse(blob.GitId)));
        await foreach (var folder in contents.FoldersBelowAsync(db, repositoryId, outcome.Roots, ct))
        {
            contents.Folders.Add(ObjectId.Parse(folder.Id));
            foreach (var file in folder.Entries.Where(entry => entry.Kind != EntryKind.Folder && !(GitBytes(entry) > ask.MaxBlobBytes)))
                if (ObjectId.Parse(file.GitId) is var id && contents._seen.Add(id)) contents.Blobs.Add(id);
        }
        return contents;
    }

    /// <summary>Rows of folders, a batch at a time.</summary>
    public static async IAsyncEnumerable<Tree> ReadFoldersAsync(
        ArtifactDb db, Guid repositoryId, IEnumerable<ObjectId> ids, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var batch in ids.Chunk(Batch))
        {
            var texts = batch.Select(id => id.ToString()).ToArray();
            foreach (var folder in await db.Trees.AsNoTracking().Where(tree => tree.RepositoryId == repositoryId && texts.Contains(tree.Id)).ToListAsync(ct))
                yield return folder;
        }
    }

    /// <summary>Each folder below these that was not seen yet, once; level by level, so that it takes few queries.</summary>
    private async IAsyncEnumerable<Tree> FoldersBelowAsync(
        ArtifactDb db, Guid repositoryId, IReadOnlyList<ObjectId> roots, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var level = roots.Where(_seen.Add).ToList(); level.Count > 0;)
        {
            var next = new List<ObjectId>();
            await foreach (var folder in ReadFoldersAsync(db, repositoryId, level, ct))
            {
                for (var i = 0; i < folder.Names.Length; i++)
                    if (folder.Sha256s[i].Length == 0 && ObjectId.Parse(folder.GitIds[i]) is var below && _seen.Add(below)) next.Add(below);
                yield return folder;
            }
            level = next;
        }
    }

    // A client that left blobs out fetches them one by one when it needs them. No index leads from git's id to a blob: a
    // repository's folders are looked through, once a request.
    private static Task<List<BlobSource>> LooseAsync(ArtifactDb db, Guid repositoryId, IReadOnlyList<ObjectId> ids, CancellationToken ct)
    {
        var texts = ids.Select(id => id.ToString()).ToArray();
        return db.Database.SqlQuery<BlobSource>($"""
            select distinct on (file.git_id) file.git_id as "GitId", file.sha256 as "Sha256", file.size_bytes as "SizeBytes", file.lfs as "Lfs"
            from trees, unnest(git_ids, sha256s, sizes, lfs) as file(git_id, sha256, size_bytes, lfs)
            where repository_id = {repositoryId} and git_ids && {texts} and file.git_id = any({texts}) and file.sha256 <> ''
            """).ToListAsync(ct);
    }

    private static long GitBytes(TreeEntry file) => file.Lfs ? GitIds.Pointer(file.Sha256, file.SizeBytes).Length : file.SizeBytes;
}
