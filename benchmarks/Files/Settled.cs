using System.Diagnostics;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>Times something on a machine that owes nothing.</summary>
/// <remarks>
/// Else whoever comes second pays for, or lives on, what the one before left:
/// 1. What the platform does in the background about what came before (reading revisions, cutting files) has ended: the processors are idle for a second.
/// 2. What is not yet on the disk is written (sync).
/// 3. As many pages of memory as a run fills are filled and given back. On a virtual machine whose host takes idle memory back, the first touch of
/// a GiB costs up to three seconds; a file that was deleted just before leaves pages that cost nothing.
/// </remarks>
internal static class Settled
{
    private const int PagesMegabytes = 1536;
    private const double Idle = 0.85;
    private const int PatienceSeconds = 90;

    /// <param name="folder">On the disk that the run writes to.</param>
    public static async Task<double> SecondsAsync(string folder, Func<Task> run, CancellationToken ct)
    {
        await WaitUntilIdleAsync(ct);
        await Machine.AnswerOfAsync("sync", [], ct);
        var pages = Path.Combine(folder, "pages");
        await Machine.AnswerOfAsync("dd", ["if=/dev/zero", $"of={pages}", "bs=1M", $"count={PagesMegabytes}", "status=none"], ct);
        File.Delete(pages);
        await Machine.AnswerOfAsync("sync", [], ct);
        var clock = Stopwatch.StartNew();
        await run();
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task WaitUntilIdleAsync(CancellationToken ct)
    {
        for (var seconds = 0; seconds < PatienceSeconds; seconds++)
        {
            var before = await TicksAsync(ct);
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
            var after = await TicksAsync(ct);
            if (after.Idle - before.Idle >= Idle * (after.All - before.All)) return;
        }
    }

    /// <summary>Of all processors since the machine started: "cpu user nice system idle iowait ...".</summary>
    private static async Task<(long Idle, long All)> TicksAsync(CancellationToken ct)
    {
        var line = (await File.ReadAllLinesAsync("/proc/stat", ct))[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ticks = line.Skip(1).Select(long.Parse).ToList();
        return (ticks[3] + ticks[4], ticks.Sum());
    }
}
