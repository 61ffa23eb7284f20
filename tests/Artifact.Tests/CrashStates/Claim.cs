namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>Something that somebody was told, and that is therefore true after every crash from then on.</summary>
/// <param name="Holds">Is it true in a crash state?</param>
/// <param name="DependsOn">The changes that decide it.</param>
internal sealed record Claim(string What, Func<ModelDisk, Func<Change, bool>, bool> Holds, Func<ModelDisk, IEnumerable<Change>> DependsOn)
{
    /// <summary>A file under its name, and whole: the name is its SHA-256. What a sweep had in its hands goes back at the next start.</summary>
    public static Claim Blob(string sha256) => new($"blob {sha256[..8]} is there and whole",
        (disk, kept) => disk.Find(BlobPath(sha256), kept) is ModelFile file && file.Hash(kept) == sha256 || Taken(disk, sha256).Any(taken => disk.Find(taken, kept) is ModelFile held && held.Hash(kept) == sha256),
        disk => AllOf(disk, BlobPath(sha256)).Concat(Taken(disk, sha256).SelectMany(taken => AllOf(disk, taken))));

    /// <summary>Nothing half stands under a blob's name; nothing at all may.</summary>
    public static Claim NothingHalf(string sha256) => new($"nothing half stands under the name of blob {sha256[..8]}",
        (disk, kept) => disk.Find(BlobPath(sha256), kept) is not ModelFile file || file.Hash(kept) == sha256,
        disk => AllOf(disk, BlobPath(sha256)));

    /// <summary>These bytes of an upload: in its file, or it is a blob already.</summary>
    public static Claim Received(Guid upload, string sha256, long offset, byte[] bytes) => new($"bytes {offset} to {offset + bytes.Length} of upload {upload}",
        (disk, kept) => disk.Find($"uploads/{upload}", kept) is ModelFile file && file.Content(kept) is var content && content.Length >= offset + bytes.Length
            && content.AsSpan((int)offset, bytes.Length).SequenceEqual(bytes) || disk.Find(BlobPath(sha256), kept) is ModelFile blob && blob.Hash(kept) == sha256,
        disk => AllOf(disk, $"uploads/{upload}").Where(change => change is not DataChange { Bytes: { } written } data || data.Offset < offset + bytes.Length && data.Offset + written.Length > offset)
            .Concat(AllOf(disk, BlobPath(sha256))));

    /// <summary>A file in a folder, under whatever name, that holds these bytes.</summary>
    public static Claim FileIn(string folder, string sha256) => new($"{folder}/ holds a file with SHA-256 {sha256[..8]}",
        (disk, kept) => FilesIn(disk, folder).Any(path => disk.Find(path, kept) is ModelFile file && file.Hash(kept) == sha256),
        disk => FilesIn(disk, folder).SelectMany(path => AllOf(disk, path)));

    /// <summary>The word by which the gateway knows the store: whole, or made anew at the next start.</summary>
    public static Claim WholeId { get; } = new("the store's id is whole if it is there",
        (disk, kept) => disk.Find("store-id", kept) is not ModelFile file || file.Content(kept) is { Length: 32 } id && id.All(digit => char.IsAsciiHexDigitLower((char)digit)),
        disk => AllOf(disk, "store-id"));

    public static string BlobPath(string sha256) => $"blobs/{sha256[..2]}/{sha256[2..4]}/{sha256}";

    private static IEnumerable<string> Taken(ModelDisk disk, string sha256) => FilesIn(disk, "taken").Where(path => path.Contains(sha256, StringComparison.Ordinal));

    private static IEnumerable<string> FilesIn(ModelDisk disk, string folder) => disk.Find(folder, _ => true) is ModelFolder found ? found.Names.Select(name => $"{folder}/{name}") : [];

    private static IEnumerable<Change> AllOf(ModelDisk disk, string path)
    {
        var (nodes, changes) = disk.Around(path);
        return changes.Concat(nodes.OfType<ModelFile>().SelectMany(file => file.Pending));
    }
}
