using System.Diagnostics;
using System.Text;
using ZooPlatform.Benchmark.Messages;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>A worker did not do what was asked, or is gone.</summary>
/// <param name="Reason">What went wrong.</param>
/// <param name="Ended">The worker is gone; otherwise it can be asked again.</param>
internal sealed class WorkerException(FailureKind reason, string message, bool ended) : Exception(message)
{
    public FailureKind Reason { get; } = reason;

    public bool Ended { get; } = ended;
}

/// <summary>One running worker and the conversation with it. Disposing kills it with all its children and empties its folder.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int MaxErrorChars = 8 * 1024;
    private readonly Process _process;
    private readonly JobFolder _job;
    private readonly MessageStream _messages;
    private readonly StringBuilder _errors = new();

    private WorkerProcess(Process process, JobFolder job, WorkerLimits limits)
    {
        (_process, _job, Limits) = (process, job, limits);
        _messages = new MessageStream(process.StandardOutput.BaseStream, process.StandardInput.BaseStream, limits.HeapBytes);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
    }

    public WorkerLimits Limits { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a worker that sees the job's files; takes the job's folder over.</summary>
    public static WorkerProcess Start(Sandbox sandbox, JobFolder job, WorkerLimits limits)
    {
        try
        {
            var process = Process.Start(sandbox.Command(job, limits)) ?? throw new InvalidOperationException("The worker did not start.");
            return new WorkerProcess(process, job, limits);
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    /// <summary>Asks and waits for the answer of type <typeparamref name="TAnswer"/>.</summary>
    /// <param name="time">After this the worker is killed: a call into ONNX Runtime cannot be stopped in any gentler way.</param>
    /// <exception cref="WorkerException">It failed, broke a limit or is gone.</exception>
    public async Task<(TAnswer Answer, byte[] Payload)> AskAsync<TAnswer>(
        ToWorker question, IReadOnlyList<ReadOnlyMemory<byte>> payload, TimeSpan time, Func<Progress, Task> progressed, CancellationToken ct)
        where TAnswer : FromWorker
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(time);
        try
        {
            await _messages.WriteAsync(question, payload, limited.Token);
            while (await _messages.ReadAsync<FromWorker>(limited.Token) is { } received)
            {
                switch (received.Message)
                {
                    case Progress progress:
                        await progressed(progress);
                        break;
                    case Failed failed:
                        throw new WorkerException(failed.Reason, failed.Message, ended: false);
                    case TAnswer answer:
                        return (answer, received.Payload);
                    default:
                        throw new InvalidDataException($"The worker answered {received.Message.GetType().Name} to {question.GetType().Name}.");
                }
            }

            throw await EndedAsync(ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Kill();
            throw new WorkerException(FailureKind.Time, $"It was stopped after {time.TotalSeconds:0.#} s, the limit.", ended: true);
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw;
        }
        catch (IOException)
        {
            throw await EndedAsync(ct);
        }
        catch (InvalidDataException e)
        {
            Kill();
            throw new WorkerException(FailureKind.Crash, $"The worker said what it never should: {e.Message}", ended: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _job.Dispose();
    }

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    private async Task<WorkerException> EndedAsync(CancellationToken ct)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        soon.CancelAfter(TimeSpan.FromSeconds(5));
        await _process.WaitForExitAsync(soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Kill();
        await _process.WaitForExitAsync(ct);

        string errors;
        lock (_errors)
        {
            errors = _errors.ToString().Trim();
        }

        // A shell tells death by a signal as 128 + its number, .NET's Process does as well.
        const int signal = 128, cpuTime = signal + 24, killed = signal + 9;
        var outOfMemory = errors.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || errors.Contains("bad_alloc", StringComparison.Ordinal);
        return _process.ExitCode switch
        {
            _ when outOfMemory => new WorkerException(FailureKind.Memory, $"It needed more than the {Limits.MemoryBytes >> 20} MiB a worker may have.", ended: true),
            cpuTime => new WorkerException(FailureKind.Time, $"It used {Limits.CpuSeconds} s of processor time, the limit.", ended: true),
            killed => new WorkerException(FailureKind.Crash, "The worker was killed, by the kernel when the machine is out of memory.", ended: true),
            var code => new WorkerException(FailureKind.Crash, $"The worker ended with code {code}. {Last(errors, 500)}".TrimEnd(), ended: true),
        };
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (line is not null && _errors.Length < MaxErrorChars)
            {
                _errors.AppendLine(Last(line, 1000));
            }
        }
    }

    private static string Last(string text, int chars) => text.Length <= chars ? text : text[^chars..];
}
