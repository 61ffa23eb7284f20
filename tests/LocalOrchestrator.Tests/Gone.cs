using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Tests;

internal static class Gone
{
    /// <summary>Every process ends within ten seconds.</summary>
    public static async Task AssertAsync(IReadOnlyCollection<int> pids)
    {
        for (var tries = 0; tries < 100 && pids.Any(Lives); tries++)
        {
            await Task.Delay(100);
        }
        Assert.DoesNotContain(pids, Lives);
    }

    private static bool Lives(int pid) => ProcessIdentity.Of(pid) is not null;
}
