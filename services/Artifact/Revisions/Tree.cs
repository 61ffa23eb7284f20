using System.Text;

namespace ZooPlatform.Artifact.Revisions;

internal enum EntryKind
{
    Folder,
    File,
    Executable,
}

/// <summary>One name in a folder.</summary>
/// <param name="Lfs">Git sees a pointer here.</param>
/// <param name="GitId">Of the content, the pointer or the folder.</param>
/// <param name="Sha256">Empty for folders.</param>
/// <param name="SizeBytes">Of folders: all files below.</param>
/// <param name="FileCount">1 for files; of folders: all files below.</param>
internal sealed record TreeEntry(string Name, EntryKind Kind, bool Lfs, string GitId, string Sha256, long SizeBytes, int FileCount)
{
    /// <summary>Git's order: bytes of the name, a folder as if it ended with <c>/</c>. So a walk through all folders
    /// gives paths in the order of their bytes.</summary>
    public static IComparer<TreeEntry> GitOrder { get; } = Comparer<TreeEntry>.Create((a, b) => ComparePaths(a.SortName, b.SortName));

    public string SortName => Kind == EntryKind.Folder ? Name + "/" : Name;

    /// <summary>Compares by the bytes of UTF-8.</summary>
    public static int ComparePaths(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
}

/// <summary>One folder as it is stored: a row of parallel arrays (docs/decisions/0003-artifact-trees.md).</summary>
internal sealed class Tree
{
    public required Guid RepositoryId { get; init; }
    public required string Id { get; init; }
    public required string[] Names { get; init; }
    public required string[] Kinds { get; init; }
    public required bool[] Lfs { get; init; }
    public required string[] GitIds { get; init; }
    public required string[] Sha256s { get; init; }
    public required long[] Sizes { get; init; }
    public required int[] FileCounts { get; init; }

    public IReadOnlyList<TreeEntry> Entries => [.. Enumerable.Range(0, Names.Length).Select(i =>
        new TreeEntry(Names[i], Enum.Parse<EntryKind>(Kinds[i], ignoreCase: true), Lfs[i], GitIds[i], Sha256s[i], Sizes[i], FileCounts[i]))];

    /// <param name="entries">In git's order.</param>
    public static Tree Of(Guid repositoryId, string id, IReadOnlyList<TreeEntry> entries) => new()
    {
        RepositoryId = repositoryId,
        Id = id,
        Names = [.. entries.Select(entry => entry.Name)],
        Kinds = [.. entries.Select(entry => entry.Kind.ToString().ToLowerInvariant())],
        Lfs = [.. entries.Select(entry => entry.Lfs)],
        GitIds = [.. entries.Select(entry => entry.GitId)],
        Sha256s = [.. entries.Select(entry => entry.Sha256)],
        Sizes = [.. entries.Select(entry => entry.SizeBytes)],
        FileCounts = [.. entries.Select(entry => entry.FileCount)],
    };
}
