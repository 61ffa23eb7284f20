using System.Collections;

namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>
/// What a child inherits: the AppHost's variables without those that configure the AppHost itself, such as the
/// passwords of given servers.
/// </summary>
internal static class InheritedEnvironment
{
    private static readonly string[] _own =
        ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE"];
    private static readonly string[] _ownPrefixes = ["ConnectionStrings__", "Parameters__", "ZOO_"];

    public static Dictionary<string, string?> Read()
    {
        var kept = new Dictionary<string, string?>();
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!_own.Contains(name) && !_ownPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
            {
                kept[name] = (string?)variable.Value;
            }
        }
        return kept;
    }
}
