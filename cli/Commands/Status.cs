using System.CommandLine;
using ZooPlatform.Cli.Platforms;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo status</c>: what runs, what is wrong, what to do. Exit code 1 when something is wrong.</summary>
internal static class Status
{
    public static Command Create(Surroundings surroundings) =>
        new Command("status", "Show what runs on this machine, what is wrong, and what to do").Does(surroundings, RunAsync);

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        var data = invocation.Data;
        var readiness = await Readiness.AskAsync(data, invocation.Surroundings.Time, ct);
        var answer = new Answered(
            data.Path, readiness.Platform?.Url, readiness.Running, readiness.Healthy, readiness.Waiting, readiness.Platform?.Resources);
        invocation.Answer(answer, output => Tell(output, data, readiness));
        return readiness.Healthy ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static void Tell(TextWriter output, DataFolder data, Readiness readiness)
    {
        if (!readiness.Running)
        {
            output.WriteLine($"nothing runs on {data}");
            output.WriteLine(readiness.Platform is null ? "do:  ./zoo up" : $"do:  ./zoo up; it ended without stopping cleanly: {data.AppHostLog} tells why");
            return;
        }
        var platform = readiness.Platform!;
        output.WriteLine($"{platform.Url}  {(readiness.Healthy ? "healthy" : "not healthy")}  (process {platform.Pid}, data {data})");
        Table.Write(
            output, ["RESOURCE", "STATE", "PORT", "PROCESS"],
            Shown(platform).Select(r => new[]
            {
                r.Key, r.Value.State ?? "unknown", r.Value.Port?.ToString() ?? "-", r.Value.Pid?.ToString() ?? "-",
            }),
            "nothing was started yet");
        if (!readiness.Healthy)
        {
            output.WriteLine($"wrong: {string.Join(", ", readiness.Waiting)}");
            output.WriteLine($"do:  wait, what dies is started again; the logs lie in {Path.GetDirectoryName(data.AppHostLog)}");
        }
    }

    /// <summary>What is a process or listens, and whatever else is wrong; settings and databases that are well are left out.</summary>
    private static IEnumerable<KeyValuePair<string, ResourceState>> Shown(PlatformFile platform) =>
        (platform.Resources ?? new Dictionary<string, ResourceState>())
            .Where(r => r.Value.Pid is not null || r.Value.Port is not null || !r.Value.IsWell).OrderBy(r => r.Key, StringComparer.Ordinal);

    private sealed record Answered(
        string Data, string? Url, bool Running, bool Healthy, IReadOnlyList<string> Waiting, IReadOnlyDictionary<string, ResourceState>? Resources);
}
