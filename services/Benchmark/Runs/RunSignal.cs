namespace ZooPlatform.Benchmark.Runs;

/// <summary>Wakes this process's runner when a run was queued here. Runs queued elsewhere are found by looking every few seconds.</summary>
internal sealed class RunSignal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    public void Set()
    {
        if (_set.CurrentCount == 0)
        {
            try
            {
                _set.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else set it in the same moment.
            }
        }
    }

    public Task WaitAsync(TimeSpan atMost, CancellationToken ct) => _set.WaitAsync(atMost, ct);

    public void Dispose() => _set.Dispose();
}
