using System.Threading.Channels;
using Microsoft.ML.OnnxRuntime;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>Answers one message after the other, while another thread watches for the end of the input.</summary>
internal sealed class Conversation(MessageStream messages) : IDisposable
{
    private readonly Channel<Received<ToWorker>> _received = Channel.CreateBounded<Received<ToWorker>>(1);
    private ModelSession? _serving;

    /// <summary>The other side is gone.</summary>
    public event Action? Closed;

    public async Task RunAsync()
    {
        var listening = Task.Run(ListenAsync);
        await foreach (var (message, payload) in _received.Reader.ReadAllAsync())
        {
            await AnswerAsync(message, payload);
        }

        await listening;
    }

    public void Dispose() => _serving?.Dispose();

    private async Task ListenAsync()
    {
        while (await messages.ReadAsync<ToWorker>(CancellationToken.None) is { } next)
        {
            await _received.Writer.WriteAsync(next);
        }

        _received.Writer.Complete();
        Closed?.Invoke();
    }

    private async Task AnswerAsync(ToWorker message, byte[] payload)
    {
        var doing = FailureKind.Load;
        try
        {
            switch (message)
            {
                case Describe:
                    await SayAsync(new Described(OrtEnv.Instance().GetVersionString(), OrtEnv.Instance().GetAvailableProviders()));
                    break;

                case Measure measure:
                    var progress = (Progress step) => messages.WriteAsync<FromWorker>(step, [], CancellationToken.None);
                    var (measured, latencies) = await Measurement.RunAsync(measure, progress, failing => doing = failing);
                    await SayAsync(measured, latencies);
                    break;

                case Serve serve:
                    _serving?.Dispose();
                    _serving = new ModelSession(serve.File, serve.Threads);
                    await SayAsync(new Ready(_serving.Inputs, _serving.Outputs));
                    break;

                case Infer infer when _serving is not null:
                    doing = FailureKind.Run;
                    using (var run = _serving.Bind(TensorParts.Join(infer.Inputs, payload), infer.Outputs))
                    {
                        run.Run();
                        var (parts, data) = TensorParts.Split(run.Read());
                        await messages.WriteAsync<FromWorker>(new Inferred(parts), data, CancellationToken.None);
                    }

                    break;

                default:
                    await SayAsync(new Failed(FailureKind.Input, "No model is loaded."));
                    break;
            }
        }
        catch (OnnxRuntimeException e)
        {
            var outOfMemory = e.Message.Contains("bad_alloc", StringComparison.Ordinal) || e.Message.Contains("ailed to allocate memory", StringComparison.Ordinal);
            var wrongInput = doing == FailureKind.Run && e.Message.Contains("INVALID_ARGUMENT", StringComparison.OrdinalIgnoreCase);
            await SayAsync(new Failed(outOfMemory ? FailureKind.Memory : wrongInput ? FailureKind.Input : doing, e.Message));
        }
        catch (OutOfMemoryException e)
        {
            await SayAsync(new Failed(FailureKind.Memory, e.Message));
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            await SayAsync(new Failed(e is NotSupportedException ? FailureKind.Load : FailureKind.Input, e.Message));
        }
    }

    private Task SayAsync(FromWorker message, ReadOnlyMemory<byte> payload = default) =>
        messages.WriteAsync(message, [payload], CancellationToken.None);
}
