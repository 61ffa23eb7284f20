using System.Diagnostics;

namespace ZooPlatform.Tests.Support;

/// <summary>A client of npm's, at the versions of a committed lock file, and the scripts that drive it, in a folder of this run.</summary>
public sealed class NodeClient
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly string _folder;

    private NodeClient(string folder) => _folder = folder;

    /// <param name="sources">Where the scripts and <c>package-lock.json</c> are, from the repository's root.</param>
    /// <param name="folder">Empty; gets copies of them.</param>
    /// <param name="more">Scripts from elsewhere in the repository.</param>
    public static async Task<NodeClient> InstallAsync(string sources, string folder, params string[] more)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, sources)).Concat(more.Select(path => Path.Combine(SharedFolder.Repository, path))))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var client = new NodeClient(folder);
        await client.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], []);
        return client;
    }

    /// <param name="script">And its arguments.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It did not end with 0 within five minutes; says what it printed.</exception>
    public Task<string> RunAsync(string[] script, params (string Name, string Value)[] settings) => RunAsync("node", script, settings);

    private async Task<string> RunAsync(string program, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        var (told, complained) = (await output, await error);
        return !patience.IsCancellationRequested && process.ExitCode == 0 ? told
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} {(patience.IsCancellationRequested ? "went on for too long" : $"ended with {process.ExitCode}")}:\n{told}\n{complained}");
    }
}
