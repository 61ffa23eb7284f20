using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <param name="Folder">The kit on this machine.</param>
/// <param name="Visibility">Of the repository when the push makes it; null: the zoo's default, private.</param>
/// <param name="Delete">Files of the repository that the folder lacks are deleted.</param>
internal sealed record PushRequest(
    string Folder, RepositoryName Repository, string Message, Visibility? Visibility = null, string Branch = "main", bool Delete = false);

/// <param name="Changed">False: the branch held exactly these files; <paramref name="Revision"/> is its head.</param>
/// <param name="Created">The push made the repository.</param>
/// <param name="Uploaded">Blobs of which something was sent; <paramref name="UploadedBytes"/>: how much, without the chunks that the zoo knew.</param>
/// <param name="Skipped">Files whose blob the zoo had.</param>
/// <param name="Kept">Files of the repository that the folder lacks and that stay.</param>
internal sealed record PushResult(
    string Repository, Visibility Visibility, bool Created, string Branch, string Revision, bool Changed, int Files, long Bytes,
    int Uploaded, long UploadedBytes, int Skipped, long SkippedBytes, int Deleted, int Kept);

/// <summary>Puts a folder into a repository as one revision. Safe to repeat: what arrived is not sent again.</summary>
internal sealed class Push(ZooClient zoo, Surroundings surroundings)
{
    private const int AtOnce = 4;

    public async Task<PushResult> RunAsync(PushRequest request, CancellationToken ct)
    {
        // 1. The files; the repository, and what its branch holds now.
        var files = KitFiles.List(request.Folder);
        var found = await zoo.Repositories.FindAsync(request.Repository, ct);
        var repository = found ?? await zoo.Repositories.CreateAsync(
            request.Repository, request.Visibility ?? Visibility.Private, null, ct);
        if (files.FirstOrDefault(file => file.SizeBytes > repository.MaxFileBytes) is { } large)
        {
            throw new Refusal($"{large.Path} has {Amounts.Bytes(large.SizeBytes)}, and this zoo takes files of up to {Amounts.Bytes(repository.MaxFileBytes!.Value)}",
                "split it (ONNX: store the weights as external data), or ask the operator to raise Artifact:MaxBlobBytes");
        }
        var head = repository.Head is null ? null : await zoo.Revisions.FindAsync(request.Repository, request.Branch, ct);
        var held = head is null
            ? new Dictionary<string, TreeEntryView>()
            : (await zoo.Revisions.FilesAsync(request.Repository, head.Id, ct)).ToDictionary(e => e.Path, StringComparer.Ordinal);

        // 2. The files' hashes.
        var hashed = await HashAsync(files, head, held, new SamePlaces(zoo.Revisions, request.Repository, head?.Id ?? ""), ct);

        // 3. What differs.
        var changed = hashed.Where(f => !IsHeld(f, held)).ToList();
        var gone = held.Keys.Except(files.Select(f => f.Path)).Where(path => path != ".gitattributes").ToList();
        var deleted = request.Delete ? gone : [];
        var result = new PushResult(
            $"{repository.Owner}/{repository.Name}", repository.Visibility, found is null, request.Branch, head?.Id ?? "", Changed: false,
            files.Count, files.Sum(f => f.SizeBytes), 0, 0, files.Count, files.Sum(f => f.SizeBytes), deleted.Count, gone.Count - deleted.Count);
        if (head is not null && changed.Count == 0 && deleted.Count == 0)
        {
            return result;
        }

        // 4. The blobs the zoo lacks, each once.
        var blobs = changed.DistinctBy(f => f.Sha256).ToList();
        var missing = await zoo.Blobs.MissingAsync(request.Repository, blobs.Select(f => new BlobReference(f.Sha256, f.File.SizeBytes)), ct);
        var sent = blobs.Where(f => missing.Contains(f.Sha256)).ToList();
        var sentBytes = await UploadAsync(request.Repository, sent, ct);

        // 5. The revision.
        var operations = changed.Select(f => new FileOperation(f.File.Path, f.Sha256, f.File.Executable))
            .Concat(deleted.Select(path => new FileOperation(path))).ToList();
        var revision = await zoo.Revisions.CreateAsync(
            request.Repository, new CreateRevision(request.Message, operations, head?.Id, request.Branch), ct);

        return result with
        {
            Changed = true,
            Revision = revision.Id,
            Uploaded = sent.Count,
            UploadedBytes = sentBytes,
            Skipped = files.Count - sent.Count,
            SkippedBytes = result.Bytes - sentBytes,
        };
    }

    private static bool IsHeld(HashedFile file, Dictionary<string, TreeEntryView> held) =>
        held.TryGetValue(file.File.Path, out var entry) && entry.Sha256 == file.Sha256 && entry.Executable == file.File.Executable;

    /// <remarks>What was written since the head was made has probably changed: it is compared with it while it is hashed. Whether it has, its hash tells.</remarks>
    private async Task<IReadOnlyList<HashedFile>> HashAsync(
        IReadOnlyList<KitFile> files, RevisionView? head, Dictionary<string, TreeEntryView> held, SamePlaces places, CancellationToken ct)
    {
        Task<UnchangedChunks>? Compare(KitFile file) =>
            file.SizeBytes >= KnownChunks.WorthwhileBytes && held.TryGetValue(file.Path, out var entry) && File.GetLastWriteTimeUtc(file.FullPath) > head!.CreatedAt.UtcDateTime
                ? Task.Run(() => UnchangedChunks.OfAsync(places, entry, file.FullPath, file.SizeBytes, ct), ct)
                : null;

        var progress = new TransferProgress(surroundings, "hashing", files.Sum(f => f.SizeBytes));
        var hashed = await KitFiles.HashAsync(files, progress.Moved, ct, Compare);
        progress.End();
        return hashed;
    }

    private async Task<long> UploadAsync(RepositoryName repository, List<HashedFile> files, CancellationToken ct)
    {
        var progress = new TransferProgress(surroundings, "uploading", files.Sum(f => f.File.SizeBytes));
        var upload = new BlobUpload(zoo.Uploads, progress, surroundings.Time);
        var sent = 0L;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        try
        {
            var (batches, others) = SmallFiles.Split(files, file => file.File.SizeBytes);
            await Parallel.ForEachAsync(batches, parallel, async (batch, ct) =>
            {
                await SmallFiles.SendAsync(zoo.Blobs, repository, batch, progress, ct);
                Interlocked.Add(ref sent, batch.Sum(file => file.File.SizeBytes));
            });
            await Parallel.ForEachAsync(others, parallel, async (file, ct) => Interlocked.Add(ref sent, await upload.RunAsync(repository, file, ct)));
        }
        finally
        {
            progress.End();
        }
        return sent;
    }
}
