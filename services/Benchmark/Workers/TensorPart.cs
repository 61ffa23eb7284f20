using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>A tensor on its way between a request and a worker: its bytes stay where they arrived.</summary>
/// <param name="Bytes">As <see cref="OpenInferenceData"/> lays them out, which is what the protocol's binary data and workers have in common.</param>
internal readonly record struct TensorPart(string Name, ElementType Type, long[] Shape, ReadOnlyMemory<byte> Bytes)
{
    public TensorHead Head => new(Name, Type, Shape, Bytes.Length);

    public override string ToString() => $"'{Name}' {Type.OpenInferenceName() ?? Type.Name()}[{string.Join(',', Shape)}]";
}

/// <summary>An inference's outputs. Their bytes are good until this is disposed.</summary>
internal sealed class Inference : IDisposable
{
    private readonly PooledBytes _bytes;

    /// <exception cref="InvalidDataException">Tensors and bytes do not fit together: the worker is not trusted.</exception>
    public Inference(TensorsMessage message, PooledBytes bytes)
    {
        _bytes = bytes;
        RunNs = message.RunNs;
        var rest = bytes.Memory;
        var outputs = new TensorPart[message.Tensors.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var head = message.Tensors[i];
            if (head.SizeBytes < 0 || head.SizeBytes > rest.Length)
            {
                throw new InvalidDataException($"Tensor '{head.Name}' announces {head.SizeBytes} bytes; {rest.Length} are left.");
            }

            outputs[i] = new TensorPart(head.Name, head.Type, head.Shape, rest[..(int)head.SizeBytes]);
            OpenInferenceData.Check(head.Name, head.Type, head.Shape, outputs[i].Bytes.Span);
            rest = rest[(int)head.SizeBytes..];
        }

        Outputs = outputs;
    }

    /// <summary>How long ONNX Runtime ran, as the worker says.</summary>
    public long RunNs { get; }

    public IReadOnlyList<TensorPart> Outputs { get; }

    public void Dispose() => _bytes.Dispose();
}
