using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <param name="Downloaded">Files whose bytes were fetched, now or (in part) by an earlier attempt.</param>
/// <param name="Present">Files that the folder held already, byte for byte.</param>
internal sealed record PullResult(
    string Repository, string Revision, string Folder, int Files, long Bytes, int Downloaded, long DownloadedBytes, int Present);

/// <summary>Gets a revision into a folder. Every file is checked against its SHA-256 and put in place whole; what an
/// interrupted pull left is continued. Other files of the folder are left alone.</summary>
internal sealed class Pull(ZooClient zoo, Surroundings surroundings)
{
    private const int AtOnce = 4;

    public async Task<PullResult> RunAsync(RepositoryName repository, string folder, string revision, Globs globs, CancellationToken ct)
    {
        // 1. One revision, whatever the branch does meanwhile.
        var target = await zoo.Revisions.GetAsync(repository, revision, ct);
        var files = (await zoo.Revisions.FilesAsync(repository, target.Id, ct)).Where(f => globs.Mean(f.Path)).Select(f => (File: f, Path: PathIn(folder, f.Path))).ToList();

        // 2. What the folder has already.
        var wanted = new List<(TreeEntryView File, string Path)>();
        foreach (var file in files)
        {
            if (!await FileDownload.HoldsAsync(file.Path, file.File, ct))
            {
                wanted.Add(file);
            }
        }

        // 3. The rest, a few at once.
        var progress = new TransferProgress(surroundings, "downloading", wanted.Sum(f => f.File.SizeBytes));
        var download = new FileDownload(zoo.Revisions, repository, target.Id, progress, surroundings.Time);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        try
        {
            var (batches, others) = SmallFiles.Split(wanted, file => file.File.SizeBytes);
            await Parallel.ForEachAsync(batches, parallel, async (batch, ct) => await SmallFiles.FetchAsync(zoo.Revisions, repository, target.Id, batch, progress, ct));
            await Parallel.ForEachAsync(others, parallel, async (file, ct) => await download.RunAsync(file.File, file.Path, ct));
        }
        finally
        {
            progress.End();
        }
        return new PullResult(
            repository.ToString(), target.Id, Path.GetFullPath(folder), files.Count, files.Sum(f => f.File.SizeBytes),
            wanted.Count, wanted.Sum(f => f.File.SizeBytes), files.Count - wanted.Count);
    }

    /// <summary>Where a file of the zoo goes: inside the folder, or the zoo is not to be trusted.</summary>
    internal static string PathIn(string folder, string path)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var full = Path.GetFullPath(Path.Combine(root, path));
        return full.StartsWith(root, StringComparison.Ordinal) && path.Split('/').All(s => s is not ("" or "." or ".."))
            ? full
            : throw new Refusal($"the zoo names a file outside the folder: {Table.Printable(path)}", "do not use this zoo; tell its operator");
    }
}
