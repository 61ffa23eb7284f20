using System.Diagnostics;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>A program of this machine, run in a folder of its own with a home of its own.</summary>
internal sealed class Tool : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zoo-test-tool-");

    public string Folder => _folder.FullName;

    public string At(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>Runs it well; what it printed.</summary>
    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, error) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments.Select(argument => argument.Length > 200 ? "..." : argument))}: {code}\n{output}{error}");
        return output;
    }

    public async Task<(int Code, string Output, string Error)> TryAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["HOME"] = Folder;
        start.Environment["XDG_CONFIG_HOME"] = Folder;
        start.Environment["XDG_RUNTIME_DIR"] = Folder;
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_LFS_SKIP_SMUDGE"] = "1";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

internal static class Git
{
    public static string GitUrl(this Repo repo) => new Uri(repo.Http.BaseAddress!, $"/{repo.View.Owner}/{repo.View.Name}").ToString();

    /// <summary>git, with this person's internal token.</summary>
    public static Task<string> GitAsync(this Tool tool, Repo repo, params string[] arguments) => tool.RunAsync("git", As(repo, arguments));

    public static Task<(int Code, string Output, string Error)> TryGitAsync(this Tool tool, Repo repo, params string[] arguments) => tool.TryAsync("git", As(repo, arguments));

    private static string[] As(Repo repo, string[] arguments) =>
    [
        "-c", $"http.extraHeader=Authorization: {repo.Http.DefaultRequestHeaders.Authorization}", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "advice.detachedHead=false", .. arguments,
    ];
}
