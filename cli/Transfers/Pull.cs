using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <param name="Reuse">Files, and folders of files, that may share chunks with what is pulled; what the pull replaces is looked at anyway.</param>
internal sealed record PullRequest(RepositoryName Repository, string Folder, string Revision, Globs Globs, IReadOnlyList<string> Reuse);

/// <param name="Downloaded">Files that the folder lacked; <paramref name="DownloadedBytes"/>: their sizes.</param>
/// <param name="FetchedBytes">What came from the zoo now.</param>
/// <param name="ReusedBytes">What was copied, chunk by chunk, from files of this machine.</param>
/// <param name="ResumedBytes">What an earlier attempt, or another pull, had brought.</param>
/// <param name="Present">Files that the folder held already, byte for byte.</param>
internal sealed record PullResult(
    string Repository, string Revision, string Folder, int Files, long Bytes, int Downloaded, long DownloadedBytes,
    long FetchedBytes, long ReusedBytes, long ResumedBytes, int Present);

/// <summary>Gets a revision into a folder. Every file is checked against its SHA-256 and put in place whole; what an
/// interrupted pull left is continued. Other files of the folder are left alone.</summary>
internal sealed class Pull(ZooClient zoo, Surroundings surroundings)
{
    private const int AtOnce = 4;
    private const long ComparedFromBytes = 32 * 1024 * 1024;

    public async Task<PullResult> RunAsync(PullRequest request, CancellationToken ct)
    {
        var (repository, folder) = (request.Repository, request.Folder);

        // 1. One revision, whatever the branch does meanwhile.
        var target = await zoo.Revisions.GetAsync(repository, request.Revision, ct);
        var files = (await zoo.Revisions.FilesAsync(repository, target.Id, ct))
            .Where(f => request.Globs.Mean(f.Path)).Select(f => (File: f, Path: PathIn(folder, f.Path))).ToList();

        // 2. What the folder has already.
        var places = new SamePlaces(zoo.Revisions, repository, target.Id);
        var held = new bool[files.Count];
        await Parallel.ForAsync(0, files.Count, ct, async (i, ct) => held[i] = await HoldsAsync(files[i].Path, files[i].File, places, ct));
        var wanted = files.Where((_, i) => !held[i]).ToList();

        // 3. The rest, a few at once.
        var progress = new TransferProgress(surroundings, "downloading", wanted.Sum(f => f.File.SizeBytes));
        await FetchAsync(repository, target.Id, folder, places, wanted, SourcesOf(wanted, request.Reuse), progress, ct);
        foreach (var file in wanted.Where(f => f.File.SizeBytes >= ArrivingFile.JournalFromBytes))
        {
            PartialFile.DeleteLeftoversOf(file.Path);
        }
        return new PullResult(
            repository.ToString(), target.Id, Path.GetFullPath(folder), files.Count, files.Sum(f => f.File.SizeBytes),
            wanted.Count, wanted.Sum(f => f.File.SizeBytes), progress.MovedBytes, progress.ReusedBytes, progress.ResumedBytes, files.Count - wanted.Count);
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

    /// <summary>Is the file there already? A large one that is not is told by its chunks, long before its hash would be known.</summary>
    private static async Task<bool> HoldsAsync(string path, TreeEntryView entry, SamePlaces places, CancellationToken ct)
    {
        if (entry.SizeBytes < ComparedFromBytes || new FileInfo(path) is not { Exists: true } file || file.Length != entry.SizeBytes)
        {
            return await FileDownload.HoldsAsync(path, entry, ct);
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var hashing = FileDownload.HoldsAsync(path, entry, stop.Token);
        var comparing = Task.Run(() => places.DiffersAsync(entry, path, stop.Token), stop.Token);
        try
        {
            return !(await Task.WhenAny(hashing, comparing) == comparing && await comparing) && await hashing;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(Task.WhenAll(hashing, comparing));
        }
    }

    private async Task FetchAsync(
        RepositoryName repository, string revision, string folder, SamePlaces places, List<(TreeEntryView File, string Path)> wanted, List<string> sources, TransferProgress progress, CancellationToken ct)
    {
        // Cut once, when the first file asks, before any of them is replaced.
        var local = new Lazy<Task<LocalChunks>>(() => LocalChunks.OfAsync(sources, ct));
        using var fetch = new FetchRanges(zoo.Revisions, repository, revision, progress, surroundings.Time);
        var reuse = new ReuseChunks(places, progress);
        var download = new FileDownload(fetch, reuse, sources.Count == 0 ? null : () => local.Value, progress, surroundings);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        try
        {
            var (batches, others) = SmallFiles.Split(wanted, file => file.File.SizeBytes);
            await Parallel.ForEachAsync(batches, parallel, async (batch, ct) => await SmallFiles.FetchAsync(zoo.Revisions, repository, revision, batch, progress, surroundings.Time, ct));
            if (batches.Count > 0)
            {
                Durable.SyncAll(folder);
            }
            await Parallel.ForEachAsync(others, parallel, async (file, ct) => await download.RunAsync(file.File, file.Path, ct));
        }
        finally
        {
            progress.End();
            if (local is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            {
                (await local.Value).Dispose();
            }
        }
    }

    /// <summary>What may share chunks with the wanted files: those they replace, what pulls of other revisions left of them, and what the caller names.</summary>
    private static List<string> SourcesOf(List<(TreeEntryView File, string Path)> wanted, IReadOnlyList<string> reuse)
    {
        var large = wanted.Where(file => file.File.SizeBytes >= ArrivingFile.JournalFromBytes).ToList();
        if (large.Count == 0)
        {
            return [];
        }
        var own = large.Select(file => $"{file.Path}.{file.File.Sha256}{PartialFile.Suffix}").ToHashSet(StringComparer.Ordinal);
        return [.. large.Select(file => file.Path).Concat(large.SelectMany(file => PartialFile.LeftoversOf(file.Path))).Concat(reuse.SelectMany(FilesBelow))
            .Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)
            .Where(path => !own.Contains(path) && IsWorthwhile(new FileInfo(path)))];
    }

    private static bool IsWorthwhile(FileInfo file) => file.Exists && file.Length >= ArrivingFile.JournalFromBytes;

    private static IEnumerable<string> FilesBelow(string path)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return File.Exists(path) ? [path]
            : Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", everything)
            : throw new Refusal($"there is no file or folder {path} to reuse", "give one that holds an earlier version");
    }
}
