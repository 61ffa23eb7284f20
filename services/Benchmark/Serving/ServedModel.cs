using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>More requests wait for this model, or more models are held, than this service takes.</summary>
internal sealed class BusyException(string message) : Exception(message);

/// <summary>
/// A deployment's live side: one worker that answers one request after the other. A worker that died is replaced by the next request.
/// </summary>
internal sealed class ServedModel(
    Guid id, JobModel model, Func<JobModel, CancellationToken, Task<WorkerProcess>> start, BenchmarkOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private WorkerProcess? _worker;
    private Ready? _ready;
    private int _waiting;
    private bool _ended;

    public Guid Id { get; } = id;

    public JobModel Model { get; } = model;

    public DateTimeOffset LastUsedAt { get; private set; } = time.GetUtcNow();

    /// <summary>A worker holds the model now.</summary>
    public bool IsLoaded => _worker is { HasEnded: false };

    /// <summary>Somebody waits for an answer.</summary>
    public bool IsBusy => Volatile.Read(ref _waiting) > 0;

    /// <summary>The model's inputs and outputs; loads it when it is not.</summary>
    /// <exception cref="WorkerException">It could not be loaded.</exception>
    /// <exception cref="BusyException">Too many wait, or the deployment has ended.</exception>
    public Task<Ready> DescribeAsync(CancellationToken ct) => InTurnAsync((_, ready) => Task.FromResult(ready), ct);

    /// <summary>Runs the model once.</summary>
    /// <exception cref="WorkerException">It failed, or took longer than an inference may.</exception>
    /// <exception cref="BusyException">Too many wait, or the deployment has ended.</exception>
    public Task<IReadOnlyList<Tensor>> InferAsync(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, CancellationToken ct) =>
        InTurnAsync<IReadOnlyList<Tensor>>(async (worker, _) =>
        {
            var (parts, data) = TensorParts.Split(inputs);
            var (answer, payload) = await worker.AskAsync<Inferred>(new Infer(parts, outputs), data, options.InferenceLimit, _ => Task.CompletedTask, ct);
            return TensorParts.Join(answer.Outputs, payload);
        }, ct);

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await _turn.WaitAsync(CancellationToken.None);
        await EndWorkerAsync();
        _turn.Release();
    }

    private async Task<T> InTurnAsync<T>(Func<WorkerProcess, Ready, Task<T>> work, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > options.MaxWaitingInferences)
        {
            Interlocked.Decrement(ref _waiting);
            throw new BusyException($"{options.MaxWaitingInferences} requests wait for this model already. Try again in a few seconds.");
        }

        try
        {
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

                return await work(await WorkerAsync(ct), _ready!);
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
            (_ready, _) = await worker.AskAsync<Ready>(new Serve(Model.File, Environment.ProcessorCount), [], options.LoadLimit, _ => Task.CompletedTask, ct);
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
