namespace ZooPlatform.LocalOrchestrator;

internal static class RepositoryFolder
{
    /// <summary>The folder above this program that holds <c>tools/fetched.txt</c>.</summary>
    /// <exception cref="DistributedApplicationException">There is none.</exception>
    public static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "tools", "fetched.txt")))
            {
                return folder.FullName;
            }
        }
        throw new DistributedApplicationException(
            $"{AppContext.BaseDirectory} does not lie in the repository. Set ZOO_DATA to a data folder and ZOO_MEILISEARCH to Meilisearch's program.");
    }
}
