using System.Threading.Channels;

namespace ZooPlatform.Search.Indexing;

/// <summary>Wakes the index writer.</summary>
internal sealed class IndexSignal
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _calls.Writer.TryWrite(true);

    /// <summary>Returns at the next call, or after <paramref name="patience"/>.</summary>
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
