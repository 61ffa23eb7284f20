using System.Text;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Blobs.S3;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>Writes a pack: every object is made anew from rows and blobs, and only sent when that gave its very id.</summary>
internal sealed class WritePack(ArtifactDb db, IBlobStore store, Suspects suspects, ILogger<WritePack> logger)
{
    private const int CommitBatch = 500;

    public async Task RunAsync(Guid repositoryId, PackContents contents, PackOutput pack, bool progress, CancellationToken ct)
    {
        var count = contents.Count;   // it shrinks while they are written
        if (progress) await pack.TellAsync(2, $"Sending {count} objects", ct);
        try
        {
            await pack.BeginAsync(count, ct);
            foreach (var batch in contents.Commits.Chunk(CommitBatch)) await AddCommitsAsync(repositoryId, batch, pack, ct);
            await AddBlobsAsync(contents.Loose, pack, ct);
            await foreach (var folder in PackContents.ReadFoldersAsync(db, repositoryId, contents.Folders, ct))
            {
                await AddAsync(GitKind.Tree, folder.Id, GitIds.TreeContent(folder.Entries), pack, ct);
                var files = folder.Entries.Where(file => contents.Blobs.Remove(ObjectId.Parse(file.GitId))).Select(file => new BlobSource(file.GitId, file.Sha256, file.SizeBytes, file.Lfs));
                await AddBlobsAsync([.. files], pack, ct);
            }
            if (pack.Objects != count) throw new GitObjectDamagedException("a folder that was deleted meanwhile");
            await pack.EndAsync(ct);
        }
        catch (GitObjectDamagedException e)
        {
            // The answer has begun. Without its end git takes nothing of it, and with a side band it says why.
            logger.GitObjectDamaged(e.Id, repositoryId);
            await pack.TellAsync(3, $"The stored bytes of {e.Id} are damaged, so nothing was sent. Push the file again to mend it, or tell the operator.", ct);
        }
        catch (Exception e) when (e is StoreUnreachableException or IOException && !ct.IsCancellationRequested)
        {
            logger.PackBroke(repositoryId, e.Message);
            await pack.TellAsync(3, "The zoo cannot read its stored files just now, so nothing was sent. Try again in a while, or tell the operator.", ct);
        }
    }

    private async Task AddCommitsAsync(Guid repositoryId, ObjectId[] batch, PackOutput pack, CancellationToken ct)
    {
        var ids = batch.Select(id => id.ToString()).ToArray();
        var rows = await db.Revisions.AsNoTracking().Where(revision => revision.RepositoryId == repositoryId && ids.Contains(revision.Id)).ToListAsync(ct);
        if (rows.Count < ids.Length) throw new GitObjectDamagedException(ids.Except(rows.Select(row => row.Id)).First());
        foreach (var row in rows)
        {
            var text = new CommitText(row.Tree, row.Parent, CommitText.AuthorOf(row.Author, row.AuthorId), row.CreatedAt, row.Message);
            await AddAsync(GitKind.Commit, row.Id, Encoding.UTF8.GetBytes(text.ToString()), pack, ct);
        }
    }

    private async Task AddBlobsAsync(IReadOnlyList<BlobSource> blobs, PackOutput pack, CancellationToken ct)
    {
        foreach (var blob in blobs.Where(blob => blob.Lfs))
            await AddAsync(GitKind.Blob, blob.GitId, Encoding.ASCII.GetBytes(GitIds.Pointer(blob.Sha256, blob.SizeBytes)), pack, ct);
        await foreach (var (blob, content) in store.OpenAllAsync(blobs.Where(blob => !blob.Lfs), RefOf, suspects, ct))
        {
            if (content is null) throw new GitObjectDamagedException(blob.GitId);
            var bytes = new byte[blob.SizeBytes];   // plain, so 1 MiB at most
            try
            {
                await content.ReadExactlyAsync(bytes, ct);
            }
            catch (BlobLostException)
            {
                throw new GitObjectDamagedException(blob.GitId);
            }
            await AddAsync(GitKind.Blob, blob.GitId, bytes, pack, ct);
            Measures.BlobSent(blob.SizeBytes);
        }
    }

    private static BlobRef RefOf(BlobSource blob) =>
        BlobHash.TryParse(blob.Sha256, out var hash) ? new BlobRef(hash, blob.SizeBytes) : throw new GitObjectDamagedException(blob.GitId);

    private static Task AddAsync(GitKind kind, string id, ReadOnlyMemory<byte> content, PackOutput pack, CancellationToken ct) =>
        ObjectId.Of(kind, content.Span).ToString() == id ? pack.AddAsync(kind, content, ct) : throw new GitObjectDamagedException(id);
}

/// <summary>What is stored does not make the object of this id.</summary>
internal sealed class GitObjectDamagedException(string id) : Exception($"Git object {id} cannot be made from what is stored.")
{
    public string Id { get; } = id;
}
