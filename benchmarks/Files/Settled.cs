using System.Diagnostics;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>Times something on a machine that owes nothing.</summary>
/// <remarks>
/// Else whoever comes second pays for, or lives on, what the one before left:
/// 1. What is not yet on the disk is written (sync).
/// 2. As many pages of memory as a run fills are filled and given back. On a virtual machine whose host takes idle memory back, the first touch of
/// a GiB costs up to three seconds; a file that was deleted just before leaves pages that cost nothing.
/// </remarks>
internal static class Settled
{
    private const int PagesMegabytes = 1536;

    /// <param name="folder">On the disk that the run writes to.</param>
    public static async Task<double> SecondsAsync(string folder, Func<Task> run, CancellationToken ct)
    {
        await Machine.AnswerOfAsync("sync", [], ct);
        var pages = Path.Combine(folder, "pages");
        await Machine.AnswerOfAsync("dd", ["if=/dev/zero", $"of={pages}", "bs=1M", $"count={PagesMegabytes}", "status=none"], ct);
        File.Delete(pages);
        await Machine.AnswerOfAsync("sync", [], ct);
        var clock = Stopwatch.StartNew();
        await run();
        return clock.Elapsed.TotalSeconds;
    }
}
