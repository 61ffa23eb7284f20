namespace ZooPlatform.LocalOrchestrator.Servers;

internal static class Executables
{
    /// <summary>The full path of a command on PATH; null when it is not there.</summary>
    public static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(File.Exists);
}
