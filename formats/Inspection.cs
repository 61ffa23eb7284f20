namespace ZooPlatform.Formats;

/// <summary>What reading one model file told. Safe to store and to show: it is JSON-serialisable and holds no weights.</summary>
public sealed record Inspection
{
    /// <summary>Path of the file in its repository.</summary>
    public required string Path { get; init; }

    /// <summary>One of <see cref="ModelFormats"/>' names.</summary>
    public required string Format { get; init; }

    /// <summary>The framework the model came from (pytorch, tensorflow, scikit-learn ...), when the file tells.</summary>
    public string? Framework { get; init; }

    /// <summary>The writing program with its version, as the file states it.</summary>
    public string? Producer { get; init; }

    public IReadOnlyList<ValueFacts> Inputs { get; init; } = [];

    public IReadOnlyList<ValueFacts> Outputs { get; init; } = [];

    /// <summary>Trained and constant elements stored in the model. Null: this format's reader does not tell.</summary>
    public long? ParameterCount { get; init; }

    /// <summary>Bytes those elements take, external files included.</summary>
    public long? WeightBytes { get; init; }

    /// <summary>Operator calls, nested graphs included, bodies of local functions not.</summary>
    public int? NodeCount { get; init; }

    /// <summary>Operator name (with its domain unless that is the default one) to number of calls.</summary>
    public IReadOnlyDictionary<string, int> Operators { get; init; } = new Dictionary<string, int>();

    public QuantisationFacts? Quantisation { get; init; }

    /// <summary>Zeros among the elements of weights with two dimensions and more, 0 to 1. Null when not all of them were read.</summary>
    public double? Sparsity { get; init; }

    /// <summary>Key-value pairs the file carries.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Only for format <c>onnx</c>, when the file could be read.</summary>
    public OnnxFacts? Onnx { get; init; }

    /// <summary>Worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>True: an ONNX model without a finding of severity error. Only such a file may reach ONNX Runtime.</summary>
    public bool FitToRun => Format == ModelFormats.Onnx && Onnx is not null && Findings.All(f => f.Severity != FindingSeverity.Error);
}

/// <summary>An input or output of a model.</summary>
/// <param name="Kind">tensor, sparse_tensor, seq, map, optional or opaque.</param>
/// <param name="Type">Element type (<c>float32</c>) of a tensor; otherwise the whole type (<c>seq(map(int64,float32[?rank]))</c>).</param>
/// <param name="Shape">Null: unknown rank, or not a tensor. Empty: a scalar.</param>
public sealed record ValueFacts(string Name, string Kind, string Type, IReadOnlyList<Dimension>? Shape)
{
    /// <summary>As people write it: <c>image: float32[1,3,224,224]</c>.</summary>
    public override string ToString() => Kind == "tensor" ? $"{Name}: {Type}[{ShapeText(Shape)}]" : $"{Name}: {Type}";

    internal static string ShapeText(IReadOnlyList<Dimension>? shape) => shape is null ? "?rank" : string.Join(',', shape);
}

/// <summary>How a model is quantised.</summary>
/// <param name="Scheme">qdq (QuantizeLinear and DequantizeLinear around float operators), qoperator, dynamic, weight-only, or block (GGUF).</param>
/// <param name="WeightTypes">Element types of the quantised weights, such as int8.</param>
/// <param name="PerChannel">True when any scale has more than one element.</param>
public sealed record QuantisationFacts(string Scheme, IReadOnlyList<string> WeightTypes, bool PerChannel);

/// <summary>What only ONNX files have.</summary>
/// <param name="IrVersion">Null: the file states none (and is not fit to run).</param>
/// <param name="OpsetImports">Domain to version; the default domain is written <c>ai.onnx</c>.</param>
/// <param name="MaxSubgraphDepth">0: no control flow.</param>
/// <param name="InitializerCount">Of the outermost graph, like all initializer facts here.</param>
/// <param name="InitializerElements">Elements of dense initializers; those of inner graphs, of constants and of sparse tensors are only in <see cref="Inspection.ParameterCount"/>.</param>
/// <param name="ExternalFiles">Locations of external data as the file states them, in order, each once.</param>
public sealed record OnnxFacts(
    long? IrVersion,
    IReadOnlyDictionary<string, long> OpsetImports,
    int MaxSubgraphDepth,
    int InitializerCount,
    int SparseInitializerCount,
    long InitializerElements,
    IReadOnlyList<string> InitializerTypes,
    IReadOnlyList<string> LocalFunctions,
    IReadOnlyList<string> ExternalFiles);
