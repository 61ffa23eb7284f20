namespace ZooPlatform.LocalOrchestrator.Servers;

/// <summary>
/// Programs that <c>tools/fetch</c> brings into <c>.tools/</c>, checked against the hashes in <c>tools/fetched.txt</c>.
/// </summary>
internal static class FetchedTools
{
    /// <summary>The program's path; fetched first when it is not there.</summary>
    public static async Task<string> FindAsync(string tool, CancellationToken ct) =>
        (await Command.RunAsync(Path.Combine(RepositoryFolder.Find(), "tools", "fetch"), [tool], ct)).Trim();
}
