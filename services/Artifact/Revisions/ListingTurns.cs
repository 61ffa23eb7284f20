using Microsoft.Extensions.Options;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Bounds how many files' names answers under way hold in memory together, some hundred bytes each: archives and git's packs need them as
/// long as they are sent, and a slow reader takes long. Who comes beyond waits, in order, and is refused when no turn comes.</summary>
internal sealed class ListingTurns(IOptions<ArtifactOptions> options, TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly LinkedList<Turn> _waiting = [];
    private int _held;

    /// <param name="files">More than are allowed together are allowed alone.</param>
    /// <returns>To be disposed when the names are needed no more. Null: no turn came.</returns>
    public async Task<IDisposable?> TakeAsync(int files, CancellationToken ct)
    {
        var turn = new Turn(this, Math.Min(files, options.Value.MaxListedFiles));
        lock (_lock)
        {
            _waiting.AddLast(turn);
            Begin();
        }
        try
        {
            await turn.Came.Task.WaitAsync(Patience, time, ct);
            return turn;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            bool came;
            lock (_lock)
            {
                came = !_waiting.Remove(turn);   // just now
                Begin();
            }
            if (came) turn.Dispose();
            if (e is OperationCanceledException) throw;
            return null;
        }
    }

    /// <summary>Lets in those at the head of the row who fit. Under the lock.</summary>
    private void Begin()
    {
        while (_waiting.First is { Value: var next } && _held + next.Files <= options.Value.MaxListedFiles)
        {
            _waiting.RemoveFirst();
            _held += next.Files;
            next.Came.SetResult();
        }
    }

    private void End(Turn turn)
    {
        lock (_lock)
        {
            _held -= turn.Files;
            Begin();
        }
    }

    private sealed class Turn(ListingTurns turns, int files) : IDisposable
    {
        private int _ended;

        public int Files => files;

        public TaskCompletionSource Came { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) turns.End(this);
        }
    }
}
