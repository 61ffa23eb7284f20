namespace ZooPlatform.Cli.Platforms;

/// <summary>The clone that this command line was built in.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>tools/fetched.txt</c>, found upwards from this program; the current folder when
    /// the program stands alone.</summary>
    public static string Root { get; } = Find();

    /// <summary>The AppHost built the same way (Release or Debug) as this program.</summary>
    public static string AppHost => Path.Combine(
        Root, "AppHost", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "ZooPlatform.AppHost.dll");

    public static string Samples => Path.Combine(Root, "samples");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "tools", "fetched.txt")))
            {
                return folder.FullName;
            }
        }
        return Directory.GetCurrentDirectory();
    }
}
