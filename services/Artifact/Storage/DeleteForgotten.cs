using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Deletes old files and folders that no request, no upload and no waiting xorb owns: something was killed, or its row went first.</summary>
internal sealed class DeleteForgotten(ArtifactDb db, Spool spool, TimeProvider time, IOptions<ArtifactOptions> options, ILogger<DeleteForgotten> logger)
{
    private const int AtOnce = 1000;

    public async Task RunAsync(CancellationToken ct)
    {
        var before = (time.GetUtcNow() - options.Value.UploadIdleTimeout).UtcDateTime;
        var deleted = await DeleteAsync(spool.Temporary, before, _ => Task.FromResult<IReadOnlyList<Guid>>([]))
            + await DeleteAsync(spool.Uploads, before, async ids => await db.Uploads.Where(row => ids.Contains(row.Id)).Select(row => row.Id).ToListAsync(ct))
            + await DeleteAsync(spool.Xorbs, before, async ids => await db.XorbUploads.Where(row => ids.Contains(row.File)).Select(row => row.File).ToListAsync(ct));
        if (deleted > 0) logger.ForgottenDeleted(deleted);
    }

    /// <summary>A file, or a folder with all that is in it.</summary>
    public static void Delete(FileSystemInfo entry)
    {
        if (entry is DirectoryInfo folder) folder.Delete(recursive: true);
        else entry.Delete();
    }

    /// <param name="ownedAsync">Which of these names have a row.</param>
    private static async Task<int> DeleteAsync(string folder, DateTime before, Func<Guid[], Task<IReadOnlyList<Guid>>> ownedAsync)
    {
        var deleted = 0;
        foreach (var old in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.LastWriteTimeUtc < before).Chunk(AtOnce))
        {
            var owned = (await ownedAsync([.. old.Select(IdOf)])).ToHashSet();
            foreach (var entry in old.Where(entry => !owned.Contains(IdOf(entry))))
            {
                Delete(entry);
                deleted++;
            }
        }
        return deleted;
    }

    private static Guid IdOf(FileSystemInfo entry) => Guid.TryParse(entry.Name, out var id) ? id : Guid.Empty;
}
