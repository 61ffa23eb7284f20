namespace ZooPlatform.Tests.Support;

/// <summary>
/// The folder of reference material: ZOO_SHARED, else <c>shared</c> beside the repository root. Not part of a clone.
/// </summary>
public static class SharedFolder
{
    /// <summary>The root of the repository that the tests run from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Null when there is none.</summary>
    public static string? Path { get; } = Find();

    /// <summary>Why corpus tests cannot run, or null when they can, or must (CI=true) and fail without the folder.</summary>
    public static string? SkipReason =>
        Path is null && Environment.GetEnvironmentVariable("CI") != "true"
            ? "The folder of reference material is not there (set ZOO_SHARED, or put it beside the repository as 'shared')."
            : null;

    /// <summary>A file or folder in it, by path with <c>/</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    public static string File(string path) => System.IO.Path.Combine(Path ?? throw Missing(), path);

    private static DirectoryNotFoundException Missing() =>
        new("Corpus tests need the folder of reference material: set ZOO_SHARED, or put it beside the repository as 'shared'.");

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ZOO_SHARED") is { Length: > 0 } set) return Directory.Exists(set) ? set : null;
        var beside = System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository, "..", "shared"));
        return Directory.Exists(beside) ? beside : null;
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "Directory.Packages.props"))) return folder.FullName;
        throw new DirectoryNotFoundException("The tests do not run from inside the repository.");
    }
}
