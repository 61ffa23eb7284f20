using System.Diagnostics;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Workers;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>More requests wait for this model, more models are held, or more bytes, than this service takes.</summary>
internal sealed class BusyException(string message) : Exception(message);

/// <summary>
/// A deployment's live side: one worker that answers one request after the other. A worker that died is replaced by the next request.
/// </summary>
/// <remarks>One after the other, since a run already takes all cores; benchmarks/Infer measures what that costs.</remarks>
internal sealed class ServedModel(
    Guid id, JobModel model, Func<JobModel, CancellationToken, Task<WorkerProcess>> start, BenchmarkOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Who waited nearly to the end does not have the worker killed for it.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private WorkerProcess? _worker;
    private int _waiting;
    private bool _ended;

    public Guid Id { get; } = id;

    public JobModel Model { get; } = model;

    public DateTimeOffset LastUsedAt { get; private set; } = time.GetUtcNow();

    /// <summary>The model's inputs and outputs; null until it was loaded once.</summary>
    public Ready? Description { get; private set; }

    /// <summary>A worker holds the model now.</summary>
    public bool IsLoaded => _worker is { HasEnded: false };

    /// <summary>Somebody waits for an answer.</summary>
    public bool IsBusy => Volatile.Read(ref _waiting) > 0;

    /// <summary>The model's inputs and outputs; loads it when it is not.</summary>
    /// <exception cref="WorkerException">It could not be loaded.</exception>
    /// <exception cref="BusyException">Too many wait, or the deployment has ended.</exception>
    public Task<Ready> LoadAsync(CancellationToken ct) => InTurnAsync((_, _) => Task.FromResult(Description!), ct);

    /// <summary>Runs the model once.</summary>
    /// <param name="outputs">Names; empty: all.</param>
    /// <exception cref="WorkerException">It failed, or took longer than an inference may.</exception>
    /// <exception cref="BusyException">Too many wait, or the deployment has ended.</exception>
    public Task<Inference> InferAsync(IReadOnlyList<TensorPart> inputs, IReadOnlyList<string> outputs, CancellationToken ct) =>
        InTurnAsync((worker, left) => worker.InferAsync(inputs, outputs, left, ct), ct);

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await _turn.WaitAsync(CancellationToken.None);
        await EndWorkerAsync();
        _turn.Release();
    }

    /// <param name="work">Is told how much of the time limit is left.</param>
    private async Task<T> InTurnAsync<T>(Func<WorkerProcess, TimeSpan, Task<T>> work, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > options.MaxWaitingInferences)
        {
            Interlocked.Decrement(ref _waiting);
            throw new BusyException($"{options.MaxWaitingInferences} requests wait for this model already. Try again in a few seconds.");
        }

        try
        {
            var begun = Stopwatch.GetTimestamp();
            if (!await _turn.WaitAsync(options.InferenceLimit, ct))
            {
                throw new BusyException($"This model was busy for {options.InferenceLimit.TotalSeconds:0} s. Try again in a few seconds.");
            }

            try
            {
                if (_ended)
                {
                    throw new BusyException("The deployment has just ended. Try again.");
                }

                var left = options.InferenceLimit - Stopwatch.GetElapsedTime(begun);
                return await work(await WorkerAsync(ct), left < s_least ? s_least : left);
            }
            finally
            {
                LastUsedAt = time.GetUtcNow();
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<WorkerProcess> WorkerAsync(CancellationToken ct)
    {
        if (_worker is { HasEnded: false })
        {
            return _worker;
        }

        await EndWorkerAsync();
        var worker = await start(Model, ct);
        try
        {
            (Description, _) = await worker.AskAsync<Ready>(new Serve(Model.File, Environment.ProcessorCount), options.LoadLimit, null, ct);
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }

        return _worker = worker;
    }

    private async Task EndWorkerAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
            _worker = null;
        }
    }
}
