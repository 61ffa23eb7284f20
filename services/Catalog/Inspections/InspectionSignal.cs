using System.Threading.Channels;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>Wakes a waiting inspection worker when a job was queued in this process.</summary>
internal sealed class InspectionSignal
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
