using Microsoft.ML.OnnxRuntime;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>A loaded model: tensors in, tensors out.</summary>
internal sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="NotSupportedException">The model has inputs or outputs that are no dense tensors.</exception>
    public ModelSession(string file, int threads)
    {
        try
        {
            _session = Open(file, threads, exact8Bit: true);
        }
        catch (OnnxRuntimeException)
        {
            // The conversion to exact kernels fails where int8 weights share a zero point (seen with ONNX Runtime 1.29.0).
            _session = Open(file, threads, exact8Bit: false);
            Note = "Loaded with fast 8-bit kernels, as ONNX Runtime could not use the exact ones; without VNNI they saturate and outputs differ.";
        }

        Inputs = [.. _session.InputNames.Select(name => Spec(name, _session.InputMetadata[name]))];
        Outputs = [.. _session.OutputNames.Select(name => Spec(name, _session.OutputMetadata[name]))];
    }

    /// <summary>What the reader of a result should know about how the model was loaded; null: nothing.</summary>
    public string? Note { get; }

    public IReadOnlyList<ValueSpec> Inputs { get; }

    public IReadOnlyList<ValueSpec> Outputs { get; }

    /// <summary>Binds inputs, and outputs to memory that ONNX Runtime allocates.</summary>
    /// <param name="outputs">Names; empty: all.</param>
    /// <exception cref="InvalidDataException">An input is missing or unknown.</exception>
    public BoundRun Bind(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs)
    {
        var names = outputs.Count == 0 ? _session.OutputNames : outputs;
        return new BoundRun(_session, _runOptions, inputs, names);
    }

    /// <summary>Runs once.</summary>
    /// <param name="wanted">Names of outputs; empty: all.</param>
    /// <param name="outputs">Whose values are answered, in this order.</param>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyCollection<string> inputs, IReadOnlyCollection<OrtValue> values, IReadOnlyList<string> wanted, out IReadOnlyList<string> outputs)
    {
        outputs = wanted.Count == 0 ? _session.OutputNames : wanted;
        return _session.Run(_runOptions, inputs, values, outputs);
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static InferenceSession Open(string file, int threads, bool exact8Bit)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        // Threads that spin while they wait disturb whatever else runs on shared cores, other runs too.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        // On processors without VNNI the fast 8-bit kernels saturate, and a quantised model answers wrongly. Right before fast.
        options.AddSessionConfigEntry("session.x64quantprecision", exact8Bit ? "1" : "0");
        return new InferenceSession(file, options);
    }

    private static ValueSpec Spec(string name, NodeMetadata value) => value.IsTensor
        ? new ValueSpec(name, (ElementType)(int)value.ElementDataType, [.. value.Dimensions.Select(dim => (long)dim)])
        : throw new NotSupportedException($"'{name}' is a {value.OnnxValueType}; only models of dense tensors can be run here.");
}

/// <summary>Inputs and outputs bound once, to be run any number of times.</summary>
internal sealed class BoundRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions;
    private readonly IReadOnlyList<string> _outputs;
    private readonly OrtIoBinding _binding;
    private readonly List<OrtValue> _values = [];

    public BoundRun(InferenceSession session, RunOptions runOptions, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs)
    {
        (_session, _runOptions, _outputs) = (session, runOptions, outputs);
        _binding = session.CreateIoBinding();
        try
        {
            foreach (var input in inputs)
            {
                var value = OrtTensors.ToOrt(input);
                _values.Add(value);
                _binding.BindInput(input.Name, value);
            }

            foreach (var name in outputs)
            {
                _binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Run() => _session.RunWithBinding(_runOptions, _binding);

    /// <summary>The outputs of the last run, copied.</summary>
    public IReadOnlyList<Tensor> Read()
    {
        using var results = _binding.GetOutputValues();
        return [.. _outputs.Zip(results, OrtTensors.FromOrt)];
    }

    public void Dispose()
    {
        _binding.Dispose();
        _values.ForEach(value => value.Dispose());
    }
}
