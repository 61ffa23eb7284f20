using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using ZooPlatform.Benchmark.Messages;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>Answers one message after the other.</summary>
internal sealed class Conversation(ServiceLine line) : IDisposable
{
    private ModelSession? _serving;

    public void Run()
    {
        while (line.TryHear(out var message, out var tensors))
        {
            Answer(message, tensors);
        }
    }

    public void Dispose() => _serving?.Dispose();

    private void Answer(ToWorker? message, TensorsMessage? tensors)
    {
        var doing = FailureKind.Load;
        try
        {
            switch (message)
            {
                case Describe:
                    line.Say(new Described(OrtEnv.Instance().GetVersionString(), OrtEnv.Instance().GetAvailableProviders()));
                    break;

                case Measure measure:
                    var (measured, latencies) = Measurement.Run(measure, step => line.Say(step), failing => doing = failing);
                    line.Say(measured, latencies.Span);
                    break;

                case Serve serve:
                    _serving?.Dispose();
                    _serving = new ModelSession(serve.File, serve.Threads);
                    line.Say(new Ready(_serving.Inputs, _serving.Outputs));
                    break;

                case null when _serving is not null && tensors is not null:
                    doing = FailureKind.Run;
                    Infer(_serving, tensors);
                    break;

                default:
                    line.Say(new Failed(FailureKind.Input, "No model is loaded."));
                    break;
            }
        }
        catch (OnnxRuntimeException e)
        {
            var outOfMemory = e.Message.Contains("bad_alloc", StringComparison.Ordinal) || e.Message.Contains("ailed to allocate memory", StringComparison.Ordinal);
            var wrongInput = doing == FailureKind.Run && e.Message.Contains("INVALID_ARGUMENT", StringComparison.OrdinalIgnoreCase);
            line.Say(new Failed(outOfMemory ? FailureKind.Memory : wrongInput ? FailureKind.Input : doing, e.Message));
        }
        catch (OutOfMemoryException e)
        {
            line.Say(new Failed(FailureKind.Memory, e.Message));
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            line.Say(new Failed(e is NotSupportedException ? FailureKind.Load : FailureKind.Input, e.Message));
        }
    }

    /// <summary>The inputs' bytes go from the pipe into ONNX Runtime's memory, the outputs' from there into the pipe.</summary>
    private void Infer(ModelSession model, TensorsMessage question)
    {
        var inputs = new List<OrtValue>(question.Tensors.Count);
        try
        {
            foreach (var tensor in question.Tensors)
            {
                inputs.Add(OrtTensors.Read(tensor, line.ReadPayload));
            }

            var started = Stopwatch.GetTimestamp();
            using var outputs = model.Run([.. question.Tensors.Select(tensor => tensor.Name)], inputs, question.Names, out var names);
            var runNs = (long)Stopwatch.GetElapsedTime(started).TotalNanoseconds;

            var heads = new TensorHead[outputs.Count];
            var texts = new byte[]?[outputs.Count];
            for (var i = 0; i < heads.Length; i++)
            {
                heads[i] = OrtTensors.Head(names[i], outputs[i], out texts[i]);
            }

            line.Begin(new TensorsMessage(runNs, heads, []), heads.Sum(head => head.SizeBytes));
            for (var i = 0; i < heads.Length; i++)
            {
                line.Put(texts[i] ?? (heads[i].SizeBytes == 0 ? default : outputs[i].GetTensorMutableRawData()));
            }

            line.Flush();
        }
        finally
        {
            inputs.ForEach(value => value.Dispose());
        }
    }
}
