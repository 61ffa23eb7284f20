using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace ZooPlatform.Tests.Support;

/// <summary>The command line, run as people run it: a process a call.</summary>
/// <param name="circumstances">As whom, and with what settings.</param>
public sealed class Zoo(string data, string? url = null, string? token = null, string? home = null, Circumstances? circumstances = null)
{
    private static readonly string s_cli = Path.Combine(SharedFolder.Repository, "cli", "bin", Configuration, "net10.0", "ZooPlatform.Cli.dll");

    /// <summary>Debug or Release: what this was built as.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The same command line for somebody else.</summary>
    public Zoo As(string? otherToken, string otherUrl) => new(Path.Combine(data, "nobody"), otherUrl, otherToken, Path.Combine(data, "homes", Guid.CreateVersion7().ToString("N")));

    public async Task<Ran> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync(patience.Token);
        return new Ran(string.Join(' ', arguments), process.ExitCode, await output, await error);
    }

    /// <summary>Runs with <c>--json</c>, expects success, reads the answer.</summary>
    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ran = await RunAsync([.. arguments, "--json"]);
        Assert.True(ran.ExitCode == 0, ran.ToString());
        return JsonDocument.Parse(ran.Output).RootElement;
    }

    public Process Start(params string[] arguments)
    {
        string[] command = [.. circumstances?.Become ?? [], "dotnet", s_cli, .. arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = SharedFolder.Repository,
        };
        foreach (var (name, value) in circumstances?.Settings ?? new Dictionary<string, string>()) start.Environment[name] = value;
        start.Environment["ZOO_DATA"] = data;
        start.Environment.Remove("ZOO_URL");
        start.Environment.Remove("ZOO_TOKEN");
        if (url is not null) start.Environment["ZOO_URL"] = url;
        if (token is not null) start.Environment["ZOO_TOKEN"] = token;
        start.Environment["XDG_CONFIG_HOME"] = home ?? Path.Combine(data, "home");
        return Process.Start(start)!;
    }
}

/// <summary>As whom the command line runs, and with what environment variables beside its own.</summary>
/// <param name="Become">A command that becomes another user and then runs the rest; empty: who runs the tests.</param>
public sealed record Circumstances(IReadOnlyList<string> Become, IReadOnlyDictionary<string, string> Settings);

/// <summary>How a call of the command line ended.</summary>
public sealed record Ran(string Command, int ExitCode, string Output, string Error)
{
    public override string ToString() => $"zoo {Command} ended with {ExitCode}\n{Output}\n{Error}";
}
