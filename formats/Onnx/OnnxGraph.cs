using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>A ModelProto without its weights.</summary>
internal sealed class OnnxModel
{
    public long? IrVersion;
    public string ProducerName = "";
    public string ProducerVersion = "";
    public OnnxGraph? Graph;
    public bool HasTrainingInfo;
    public readonly List<(string Domain, long Version)> Opsets = [];
    public readonly List<OnnxFunction> Functions = [];
    public readonly Dictionary<string, string> Metadata = [];
}

internal sealed class OnnxGraph
{
    public string Name = "";
    public readonly List<OnnxNode> Nodes = [];
    public readonly List<OnnxTensor> Initializers = [];
    public readonly List<OnnxSparseTensor> SparseInitializers = [];
    public readonly List<OnnxValue> Inputs = [];
    public readonly List<OnnxValue> Outputs = [];
    public readonly List<OnnxValue> ValueInfo = [];
}

internal sealed class OnnxFunction
{
    public string Name = "";
    public string Domain = "";
    public readonly List<string> Inputs = [];
    public readonly List<string> Outputs = [];
    public readonly List<OnnxNode> Nodes = [];
    public readonly List<(string Domain, long Version)> Opsets = [];
}

internal sealed class OnnxNode
{
    public string Name = "";
    public string OpType = "";

    /// <summary>Empty for the default domain, which files also write as <c>ai.onnx</c>.</summary>
    public string Domain = "";
    public readonly List<string> Inputs = [];
    public readonly List<string> Outputs = [];
    public readonly List<OnnxAttribute> Attributes = [];

    public string QualifiedName => Domain.Length == 0 ? OpType : $"{Domain}.{OpType}";

    public OnnxAttribute? Attribute(string name) => Attributes.Find(attribute => attribute.Name == name);
}

internal sealed class OnnxAttribute
{
    public string Name = "";
    public long? Integer;
    public string? Text;
    public readonly List<OnnxTensor> Tensors = [];
    public readonly List<OnnxSparseTensor> SparseTensors = [];
    public readonly List<OnnxGraph> Graphs = [];
}

/// <summary>A TensorProto without its data.</summary>
internal sealed class OnnxTensor
{
    public string Name = "";
    public ElementType Type;
    public readonly List<long> Dims = [];

    /// <summary>Length of raw_data; null when the field is absent.</summary>
    public long? RawBytes;

    /// <summary>Bytes (or entries, for strings) of the typed data fields.</summary>
    public long TypedBytes;
    public bool IsExternal;

    /// <summary>What its values told; null when they were not read.</summary>
    public WeightValues? Values;
    public readonly Dictionary<string, string> External = [];
}

internal sealed class OnnxSparseTensor
{
    public OnnxTensor Values = new();
    public readonly List<long> Dims = [];
}

internal sealed record OnnxValue(string Name, OnnxType Type);

/// <summary>A TypeProto. Kind as in <see cref="ValueFacts"/>; Inner is the element of a seq or optional, the value of a map.</summary>
internal sealed record OnnxType(string Kind, ElementType Element, IReadOnlyList<Dimension>? Shape, OnnxType? Inner)
{
    public static readonly OnnxType None = new("tensor", ElementType.Undefined, null, null);

    public string Text => Kind switch
    {
        "map" => $"map({Element.Name()},{Inner!.Text})",
        "seq" or "optional" => $"{Kind}({Inner!.Text})",
        "opaque" => "opaque",
        "sparse_tensor" => $"sparse_tensor({Element.Name()}[{ValueFacts.ShapeText(Shape)}])",
        _ => $"{Element.Name()}[{ValueFacts.ShapeText(Shape)}]",
    };

    public ValueFacts Facts(string name) =>
        Kind == "tensor" ? new ValueFacts(name, Kind, Element.Name(), Shape) : new ValueFacts(name, Kind, Text, null);
}
