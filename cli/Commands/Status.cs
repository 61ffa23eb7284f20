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
        var facts = await PlatformFacts.GatherAsync(invocation.Data, ct);
        var wrong = Diagnosis.Of(facts);
        string[] notes = facts.IsOlderBuild ? ["an older build runs than the one that is there: ./zoo down, then ./zoo up, takes the new one"] : [];
        invocation.Answer(
            new Answered(facts.Data.Path, facts.Platform?.Url, facts.Running, wrong.Count == 0, wrong, notes, facts.Services, facts.Platform?.Resources),
            output => Tell(output, facts, wrong, notes));
        return wrong.Count == 0 ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static void Tell(TextWriter output, PlatformFacts facts, IReadOnlyList<Diagnosis> wrong, IReadOnlyList<string> notes)
    {
        if (facts is { Running: true, Platform: { } platform })
        {
            output.WriteLine($"{platform.Url}  {(wrong.Count == 0 ? "healthy" : "not healthy")}  (process {platform.Pid}, data {facts.Data})");
            Table.Write(
                output, ["RESOURCE", "STATE", "HEALTH", "PORT", "PROCESS"],
                Shown(platform).Select(r => new[]
                {
                    r.Key, r.Value.State ?? "unknown", facts.Services.GetValueOrDefault(r.Key)?.Status.ToLowerInvariant() ?? "-",
                    r.Value.Port?.ToString() ?? "-", r.Value.Pid?.ToString() ?? "-",
                }),
                "nothing was started yet");
        }
        foreach (var one in wrong)
        {
            output.WriteLine($"wrong: {one.What}");
            output.WriteLine($"do:    {one.Do}");
            if (one.Page is not null) output.WriteLine($"more:  docs/runbooks/{one.Page}.md");
        }
        foreach (var note in notes) output.WriteLine($"note:  {note}");
    }

    /// <summary>What is a process or listens, and whatever else is wrong; settings and databases that are well are left out.</summary>
    private static IEnumerable<KeyValuePair<string, ResourceState>> Shown(PlatformFile platform) =>
        (platform.Resources ?? new Dictionary<string, ResourceState>())
            .Where(r => r.Value.Pid is not null || r.Value.Port is not null || !r.Value.IsWell).OrderBy(r => r.Key, StringComparer.Ordinal);

    private sealed record Answered(
        string Data, string? Url, bool Running, bool Healthy, IReadOnlyList<Diagnosis> Wrong, IReadOnlyList<string> Notes,
        IReadOnlyDictionary<string, ServiceHealth> Services, IReadOnlyDictionary<string, ResourceState>? Resources);
}
