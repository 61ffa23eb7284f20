using System.CommandLine;
using ZooPlatform.Cli.Platforms;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo down</c></summary>
internal static class Down
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create(Surroundings surroundings) =>
        new Command("down", "Stop the platform on this machine; its data stays").Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        var data = invocation.Data;
        var platform = PlatformFile.Read(data);
        if (platform is not { IsRunning: true })
        {
            invocation.Answer(new Stopped(data.Path, false), output => output.WriteLine($"nothing runs on {data}"));
            return;
        }
        invocation.Say($"stopping the platform at {platform.Url} (process {platform.Pid})");
        if (!await AppHostProcess.StopAsync(platform.Pid, Patience, invocation.Surroundings.Time, ct))
        {
            throw new Refusal($"process {platform.Pid} did not end within {Patience.TotalSeconds:0} s", $"look into {data.AppHostLog}, then kill {platform.Pid}");
        }
        invocation.Answer(new Stopped(data.Path, true), output => output.WriteLine($"stopped; the data stays in {data}"));
    }

    private sealed record Stopped(string Data, bool WasRunning);
}
