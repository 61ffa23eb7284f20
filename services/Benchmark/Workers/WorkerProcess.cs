using System.Diagnostics;
using System.Text;
using ZooPlatform.Benchmark.Messages;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>A worker did not do what was asked, or is gone.</summary>
/// <param name="Reason">What went wrong.</param>
/// <param name="Ended">The worker is gone; otherwise it can be asked again.</param>
/// <param name="Killed">By somebody else than its service: another attempt may well succeed.</param>
internal sealed class WorkerException(FailureKind reason, string message, bool ended, bool killed = false) : Exception(message)
{
    public FailureKind Reason { get; } = reason;

    public bool Ended { get; } = ended;

    public bool Killed { get; } = killed;
}

/// <summary>One running worker and the conversation with it. Disposing kills it with all its children and empties its folder.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int MaxErrorChars = 8 * 1024;

    /// <summary>Whoever asked has gone: so long the worker may still take to answer, and stays good for the next. Then it is killed.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private readonly Process _process;
    private readonly JobFolder _job;
    private readonly WorkerLine _line;
    private readonly StringBuilder _errors = new();

    private WorkerProcess(Process process, JobFolder job, WorkerLimits limits)
    {
        (_process, _job, Limits) = (process, job, limits);
        _line = new WorkerLine(process.StandardOutput.BaseStream, process.StandardInput.BaseStream, limits.HeapBytes);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
    }

    public WorkerLimits Limits { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a worker that sees the job's files; takes the job's folder over.</summary>
    public static async Task<WorkerProcess> StartAsync(Sandbox sandbox, JobFolder job, WorkerLimits limits)
    {
        try
        {
            return new WorkerProcess(await ForkThread.StartAsync(sandbox.Command(job, limits)), job, limits);
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    /// <summary>Asks and waits for the answer of type <typeparamref name="TAnswer"/>.</summary>
    /// <param name="time">After this the worker is killed: a call into ONNX Runtime cannot be stopped in any gentler way.</param>
    /// <returns>The answer, and the bytes that came with it.</returns>
    /// <exception cref="WorkerException">It failed, broke a limit or is gone.</exception>
    public async Task<(TAnswer Answer, byte[] Payload)> AskAsync<TAnswer>(ToWorker question, TimeSpan time, Action<Progress>? progressed, CancellationToken ct)
        where TAnswer : FromWorker
    {
        using var heard = await AskAsync(limit => _line.SayAsync(question, limit), heard => heard.Message is TAnswer, time, progressed, TimeSpan.Zero, ct);
        return ((TAnswer)heard.Message!, heard.Payload.Memory.ToArray());
    }

    /// <summary>Runs the model that is loaded once.</summary>
    /// <param name="outputs">Names; empty: all.</param>
    /// <param name="time">As above.</param>
    /// <exception cref="WorkerException">It failed, broke a limit or is gone.</exception>
    public async Task<Inference> InferAsync(IReadOnlyList<TensorPart> inputs, IReadOnlyList<string> outputs, TimeSpan time, CancellationToken ct)
    {
        var heard = await AskAsync(limit => _line.SayAsync(inputs, outputs, limit), heard => heard.Tensors is not null, time, null, s_grace, ct);
        try
        {
            return new Inference(heard.Tensors!, heard.Payload);
        }
        catch (InvalidDataException e)
        {
            heard.Dispose();
            Kill();
            throw Babble(e);
        }
    }

    private async Task<Heard> AskAsync(
        Func<CancellationToken, Task> sayAsync, Func<Heard, bool> isAnswer, TimeSpan time, Action<Progress>? progressed, TimeSpan grace, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(time);
        using var gone = ct.Register(() => limit.CancelAfter(grace));
        try
        {
            await sayAsync(limit.Token);
            while (await _line.HearAsync(limit.Token) is { } heard)
            {
                if (heard.Message is Progress progress)
                {
                    heard.Dispose();
                    progressed?.Invoke(progress);
                }
                else if (heard.Message is Failed failed)
                {
                    heard.Dispose();
                    throw new WorkerException(failed.Reason, failed.Message, ended: false);
                }
                else if (isAnswer(heard))
                {
                    return heard;
                }
                else
                {
                    heard.Dispose();
                    throw new InvalidDataException($"That is no answer: {heard.Message?.GetType().Name ?? "tensors"}.");
                }
            }

            throw await EndedAsync(ct);
        }
        catch (OperationCanceledException)
        {
            Kill();
            ct.ThrowIfCancellationRequested();
            throw new WorkerException(FailureKind.Time, $"It was stopped after {time.TotalSeconds:0.#} s, the limit.", ended: true);
        }
        catch (IOException)
        {
            throw await EndedAsync(ct);
        }
        catch (InvalidDataException e)
        {
            Kill();
            throw Babble(e);
        }
    }

    private static WorkerException Babble(InvalidDataException e) =>
        new(FailureKind.Crash, $"The worker said what it never should: {e.Message}", ended: true);

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
        // unshare passes on the signal that ended its child, but cannot pass on this one, and says so.
        var code = _process.ExitCode == 1 && errors.Contains("unshare: sigprocmask unblock failed", StringComparison.Ordinal) ? killed : _process.ExitCode;
        return code switch
        {
            _ when outOfMemory => new WorkerException(FailureKind.Memory, $"It needed more than the {Limits.MemoryBytes >> 20} MiB a worker may have.", ended: true),
            cpuTime => new WorkerException(FailureKind.Time, $"It used {Limits.CpuSeconds} s of processor time, the limit.", ended: true),
            killed => new WorkerException(FailureKind.Crash, "The worker was killed, by the kernel when the machine is out of memory.", ended: true, killed: true),
            _ => new WorkerException(FailureKind.Crash, $"The worker ended with code {code}. {Last(errors, 500)}".TrimEnd(), ended: true),
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
