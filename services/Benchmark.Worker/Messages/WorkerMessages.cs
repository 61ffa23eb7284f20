using System.Text.Json.Serialization;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Messages;

/// <summary>What the service says to a worker, one at a time, on its standard input; inferences apart (<see cref="TensorsMessage"/>).</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Describe), "describe")]
[JsonDerivedType(typeof(Measure), "measure")]
[JsonDerivedType(typeof(Serve), "serve")]
public abstract record ToWorker;

/// <summary>Which ONNX Runtime is this? Answered by <see cref="Described"/>.</summary>
public sealed record Describe : ToWorker;

/// <summary>Measure a model. Answered by <see cref="Progress"/>, any number of times, then <see cref="Measured"/>.</summary>
/// <param name="File">The model, relative to the worker's folder.</param>
/// <param name="SampleSets">Sample data to feed and to compare with; the first set is also what is timed.</param>
/// <param name="Threads">Intra-op threads, at least 1.</param>
public sealed record Measure(
    string File, IReadOnlyList<SampleSet> SampleSets, int Threads, int WarmUp, int Iterations, double MaxSeconds,
    double RelativeTolerance, double AbsoluteTolerance) : ToWorker;

/// <summary>Files of <c>TensorProto</c>s, in the order of the model's inputs and outputs.</summary>
public sealed record SampleSet(string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>Load a model and keep it. Answered by <see cref="Ready"/>; any number of <see cref="TensorsMessage"/> may follow, each answered by one.</summary>
public sealed record Serve(string File, int Threads) : ToWorker;

/// <summary>What a worker says, on its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Described), "described")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(Measured), "measured")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record FromWorker;

public sealed record Described(string OnnxRuntime, IReadOnlyList<string> Providers) : FromWorker;

/// <param name="Fraction">0 to 1.</param>
public sealed record Progress(double Fraction, string Doing) : FromWorker;

/// <summary>The measurement. The latencies follow the message: nanoseconds, little-endian 64-bit integers, in order of time.</summary>
/// <param name="LoadNs">From the file to a session.</param>
/// <param name="FirstRunNs">The first call, before the warm-up.</param>
/// <param name="PeakMemoryBytes">The process's highest resident set (VmHWM).</param>
/// <param name="ModelMemoryBytes">By how much loading and the first call raised the resident set.</param>
/// <param name="Accuracy">Null when there was no sample data with expected outputs.</param>
/// <param name="Note">What the reader of the figures should know.</param>
public sealed record Measured(
    int Samples, long LoadNs, long FirstRunNs, long PeakMemoryBytes, long ModelMemoryBytes, string InputsFrom, Accuracy? Accuracy,
    string? Note)
    : FromWorker;

/// <summary>Outputs on sample data against the expected ones.</summary>
public sealed record Accuracy(
    bool Passed, int Sets, long Elements, long Mismatches, double MaxAbsoluteDifference, double MaxRelativeDifference, string? Message);

/// <summary>The model is loaded.</summary>
public sealed record Ready(IReadOnlyList<ValueSpec> Inputs, IReadOnlyList<ValueSpec> Outputs) : FromWorker;

/// <summary>An input or output tensor of the model.</summary>
/// <param name="Shape">-1: any length.</param>
public sealed record ValueSpec(string Name, ElementType Type, IReadOnlyList<long> Shape);

/// <summary>It did not work; a worker that serves goes on serving.</summary>
public sealed record Failed(FailureKind Reason, string Message) : FromWorker;

[JsonConverter(typeof(JsonStringEnumConverter<FailureKind>))]
public enum FailureKind
{
    /// <summary>ONNX Runtime refused the model.</summary>
    Load,
    /// <summary>What was fed does not fit the model.</summary>
    Input,
    /// <summary>The model broke while it ran.</summary>
    Run,
    /// <summary>The memory limit was reached.</summary>
    Memory,
    /// <summary>A time limit was reached.</summary>
    Time,
    /// <summary>The worker ended by itself.</summary>
    Crash,
}
