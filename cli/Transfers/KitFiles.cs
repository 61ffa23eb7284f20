using ZooPlatform.Formats;

namespace ZooPlatform.Cli.Transfers;

/// <param name="FullPath">Where it lies on this machine.</param>
/// <param name="Path">Where it lies in the kit, <c>/</c>-separated.</param>
internal sealed record KitFile(string FullPath, string Path, long SizeBytes, bool Executable);

/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Unchanged">What of it the branch's version has; null: nobody looked.</param>
internal sealed record HashedFile(KitFile File, string Sha256, UnchangedChunks? Unchanged = null);

/// <summary>A kit's files on this machine.</summary>
internal static class KitFiles
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Every file below <paramref name="folder"/> but those of <c>.git</c> folders and what pulls that were cut short left, by path.</summary>
    /// <exception cref="Refusal">There is no such folder, nothing in it, or a symbolic link, which could lead anywhere.</exception>
    public static IReadOnlyList<KitFile> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new Refusal($"there is no folder {folder}", "give the folder that holds the kit");
        }
        var files = new List<KitFile>();
        Add(new DirectoryInfo(folder), "", files);
        return files.Count > 0
            ? files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList()
            : throw new Refusal($"{folder} holds no files", "give the folder that holds the kit");
    }

    /// <summary>Hashes the files, a few at a time.</summary>
    /// <param name="compare">Looks at the same time what of a file the zoo has; null: nobody looks.</param>
    public static async Task<IReadOnlyList<HashedFile>> HashAsync(
        IReadOnlyList<KitFile> files, Action<long> hashed, CancellationToken ct, Func<KitFile, Task<UnchangedChunks>?>? compare = null)
    {
        var results = new HashedFile[files.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        await Parallel.ForAsync(0, files.Count, parallel, async (i, ct) =>
        {
            using var file = File.OpenHandle(files[i].FullPath, options: FileOptions.SequentialScan);
            var unchanged = compare?.Invoke(files[i]);
            var sha256 = Convert.ToHexStringLower(await FileHash.Sha256Async(file, files[i].SizeBytes, hashed, ct));
            results[i] = new HashedFile(files[i], sha256, unchanged is null ? null : await unchanged);
        });
        return results;
    }

    private static void Add(DirectoryInfo folder, string prefix, List<KitFile> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            var path = prefix + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                throw new Refusal(
                    $"{path} is a symbolic link (to {target}); a kit holds plain files", $"cp -rL {folder.FullName} COPY, and push COPY");
            }
            switch (entry)
            {
                case DirectoryInfo { Name: ".git" }:
                    break;
                case DirectoryInfo inner:
                    Add(inner, path + "/", files);
                    break;
                case FileInfo left when PartialFile.IsOne(left.Name):
                    break;   // of a pull that was cut short
                case FileInfo file:
                    files.Add(new KitFile(file.FullName, path, file.Length, (file.UnixFileMode & Execute) != 0));
                    break;
            }
        }
    }
}
