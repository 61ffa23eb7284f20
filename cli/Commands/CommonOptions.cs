using System.CommandLine;

namespace ZooPlatform.Cli.Commands;

/// <summary>The options that every command takes.</summary>
internal static class CommonOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print the answer as JSON", Recursive = true };

    /// <summary>Of commands that take it.</summary>
    public static readonly Option<string[]> Include = new("--include") { Description = "Only files that match this glob, such as '*.onnx' or 'docs/**'; may be repeated" };

    public static readonly Option<string[]> Exclude = new("--exclude") { Description = "No files that match this glob; may be repeated" };

    public static readonly Option<string?> Url = new("--url")
    {
        Description = "The zoo's address (else ZOO_URL, the one signed in to, the one running here)",
        Recursive = true,
    };

    public static readonly Option<string?> Token = new("--token")
    {
        Description = "The token to use (else ZOO_TOKEN, the one stored by login, this machine's administrator)",
        Recursive = true,
    };

    public static readonly Option<string?> Data = new("--data")
    {
        Description = "The data folder of the platform on this machine (else ZOO_DATA, the default folder)",
        Recursive = true,
    };
}
