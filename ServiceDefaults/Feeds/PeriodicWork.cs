namespace ZooPlatform.ServiceDefaults.Feeds;

public static class PeriodicWork
{
    /// <summary>Does something now and then until the service ends. What breaks it is told, and it is tried again when it is time.</summary>
    /// <param name="atOnce">Also at the beginning, not only after the first period.</param>
    public static async Task EveryAsync(this TimeProvider time, TimeSpan period, Func<CancellationToken, Task> work, Action<Exception> broke, CancellationToken ct, bool atOnce = true)
    {
        using var timer = new PeriodicTimer(period, time);
        if (!atOnce) await timer.WaitForNextTickAsync(ct);
        do
        {
            try
            {
                await work(ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                broke(e);
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }
}
