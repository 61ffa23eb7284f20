using ZooPlatform.LocalOrchestrator.Processes;

namespace ZooPlatform.LocalOrchestrator.State;

/// <summary>
/// Children of a run that was killed. The kernel told them to end when it died; whoever is still at it is awaited, then
/// killed, before a new run touches the same data.
/// </summary>
internal static class Leftovers
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(15);

    public static async Task EndAsync(Platform? earlier, TimeProvider time, CancellationToken ct)
    {
        var living = (earlier?.Resources.Values ?? Enumerable.Empty<PlatformResource>()).Where(Lives).ToList();
        foreach (var process in living)
        {
            Signals.Send(process.Pid!.Value, Signal.Int);
        }

        var since = time.GetTimestamp();
        while (living.Exists(Lives) && time.GetElapsedTime(since) < _grace)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }
        foreach (var process in living.Where(Lives))
        {
            Signals.SendToGroup(process.Pid!.Value, Signal.Kill);
        }
    }

    private static bool Lives(PlatformResource process) =>
        process is { Pid: { } pid, Process: { } identity } && ProcessIdentity.Of(pid) == identity;
}
