using System.Threading.Channels;

namespace ZooPlatform.ServiceDefaults.Feeds;

/// <summary>Wakes a worker when a job was queued for it in this process. A call made while nobody waits is kept, once.</summary>
/// <typeparam name="TWorker">The worker.</typeparam>
public sealed class JobSignal<TWorker>
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _calls.Writer.TryWrite(true);

    /// <summary>Returns at the next call, or after <paramref name="patience"/>: jobs also come from other instances and from time.</summary>
    public async Task WaitAsync(TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try
        {
            await _calls.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // patience is over
        }
    }
}
