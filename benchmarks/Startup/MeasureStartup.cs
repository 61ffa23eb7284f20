using System.Diagnostics;
using System.Text.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Startup;

/// <summary>How long a built tree takes until all is healthy, and what everything holds in memory then.</summary>
/// <remarks>
/// 1. First start on an empty data folder: databases are made, samples pushed.
/// 2. Stops and starts on the same data, five times.
/// 3. Waits until the samples are indexed and nothing has run for 30 s; reads the memory of every process.
/// </remarks>
internal static class MeasureStartup
{
    private const int Starts = 5;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        // 1
        var clock = Stopwatch.StartNew();
        await using var platform = await Platform.StartAsync();
        report.Figure("first start: to all healthy and samples pushed", clock.Elapsed.TotalSeconds, "s");
        // 2
        var seconds = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            await platform.DownAsync();
            clock.Restart();
            await platform.UpAsync();
            seconds.Add(clock.Elapsed.TotalSeconds);
        }
        report.Samples("built tree, data there: to all healthy", seconds, "s", "10 s");
        // 3
        await SamplesIndexedAsync(platform, ct);
        await Task.Delay(s_idle, ct);
        ReportMemory(report, platform);
        await ReportIdleProcessorAsync(report, platform, ct);
    }

    private static async Task SamplesIndexedAsync(Platform platform, CancellationToken ct)
    {
        using var http = platform.Http(platform.AdminToken);
        var models = await http.GetFromJsonAsync<JsonElement>("/api/v1/models?owner=samples&limit=200", ct);
        var expected = models.GetProperty("items").GetArrayLength();
        while ((await http.GetFromJsonAsync<JsonElement>("/api/v1/search?q=&owner=samples", ct)).GetProperty("total").GetInt32() < expected)
            await Task.Delay(500, ct);
    }

    private static void ReportMemory(Report report, Platform platform)
    {
        var all = Everything(platform);
        foreach (var process in all.Where(process => !IsPostgres(process)).OrderByDescending(process => process.ResidentMiB))
            report.Figure($"idle: {process.Command}", process.ResidentMiB, $"MiB resident, {process.ProportionalMiB:N0} MiB proportional");
        var counted = all.Where(process => !IsPostgres(process)).ToList();
        report.Figure("idle: all but PostgreSQL, resident", counted.Sum(process => process.ResidentMiB), "MiB", "1,200 MiB");
        report.Figure("idle: all but PostgreSQL, proportional", counted.Sum(process => process.ProportionalMiB), "MiB");
        report.Figure("idle: PostgreSQL, proportional", all.Where(IsPostgres).Sum(process => process.ProportionalMiB), "MiB");
    }

    private static async Task ReportIdleProcessorAsync(Report report, Platform platform, CancellationToken ct)
    {
        var before = Seconds();
        await Task.Delay(s_idle, ct);
        foreach (var (process, seconds) in Seconds().OrderByDescending(pair => pair.Value - before.GetValueOrDefault(pair.Key)).Take(6))
            report.Figure($"idle: {process.Command}", 100 * (seconds - before.GetValueOrDefault(process)) / s_idle.TotalSeconds, "% of one core");

        Dictionary<(int Id, string Command), double> Seconds() => Everything(platform).ToDictionary(process => (process.Process, process.Command), process => Processes.ProcessorSeconds(process.Process));
    }

    private static IReadOnlyList<Processes.Held> Everything(Platform platform) => Processes.Tree(platform.Started.GetProperty("pid").GetInt32());

    private static bool IsPostgres(Processes.Held process) => process.Command.StartsWith("postgres", StringComparison.Ordinal);
}
