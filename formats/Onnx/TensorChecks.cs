using System.Globalization;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Tensors must hold what they declare, inside the file or in a file beside it.</summary>
internal sealed class TensorChecks(string modelPath, SiblingFiles siblings, FindingList findings, InspectionLimits limits)
{
    public void Run(OnnxGraph graph)
    {
        foreach (var tensor in graph.Initializers)
        {
            if (tensor.Name.Length == 0) findings.Error("onnx.unnamed-initializer", "An initializer has no name.");
            Check(tensor);
        }
        foreach (var sparse in graph.SparseInitializers) Check(sparse);
        foreach (var node in graph.Nodes) Run(node);
    }

    /// <summary>Tensors in a node's attributes; its sub-graphs are graphs of their own.</summary>
    public void Run(OnnxNode node)
    {
        foreach (var attribute in node.Attributes)
        {
            foreach (var tensor in attribute.Tensors) Check(tensor);
            foreach (var sparse in attribute.SparseTensors) Check(sparse);
        }
    }

    private void Check(OnnxSparseTensor tensor)
    {
        Check(tensor.Values);
        if (TensorSizes.Product(tensor.Dims) is not { } whole || whole < (TensorSizes.Elements(tensor.Values) ?? 0))
        {
            findings.Error("onnx.sparse-tensor", $"Sparse tensor {UntrustedText.Quote(tensor.Values.Name)} holds more values than its shape.");
        }
    }

    private void Check(OnnxTensor tensor)
    {
        var name = UntrustedText.Quote(tensor.Name);
        if (!tensor.Type.IsKnown())
        {
            findings.Error("onnx.unknown-element-type", $"Tensor {name} has element type {(int)tensor.Type}, which ONNX does not define.");
            return;
        }
        if (tensor.Dims.Count > limits.MaxRank || TensorSizes.Bytes(tensor) is not { } wanted)
        {
            findings.Error("onnx.tensor-too-large", $"Tensor {name} has the shape [{string.Join(',', tensor.Dims)}], which cannot be counted.");
            return;
        }
        if (tensor.Values is { NotANumber: > 0 } values)
        {
            findings.Warning("tensor.nan", $"Tensor {name} holds {values.NotANumber} of {values.Elements} values that are not a number (NaN); so is all that is computed with them.");
        }
        if (tensor.IsExternal) CheckExternal(tensor, name, wanted);
        else if (tensor.RawBytes is { } held && tensor.Type != ElementType.String)
        {
            if (held != wanted) findings.Error("onnx.tensor-data-mismatch", $"Tensor {name} declares {wanted} bytes and holds {held}.");
        }
        else if (tensor.Type != ElementType.String && wanted > 0 && tensor.TypedBytes == 0)
        {
            findings.Error("onnx.tensor-data-mismatch", $"Tensor {name} declares {wanted} bytes and holds 0.");
        }
        else if (TypedMinimum(tensor) > tensor.TypedBytes)
        {
            findings.Error("onnx.tensor-data-mismatch", $"Tensor {name} declares {TensorSizes.Elements(tensor)} elements and holds fewer.");
        }
    }

    // Floats take their size; integers are varints of at least a byte, sub-byte types share one; strings are counted as entries.
    private static long TypedMinimum(OnnxTensor tensor)
    {
        var elements = TensorSizes.Elements(tensor)!.Value;
        return tensor.Type switch
        {
            ElementType.Float32 or ElementType.Double or ElementType.Complex64 or ElementType.Complex128 => TensorSizes.Bytes(tensor)!.Value,
            _ when tensor.Type.Bits() is > 0 and < 8 => TensorSizes.Bytes(tensor)!.Value,
            _ => elements,
        };
    }

    private void CheckExternal(OnnxTensor tensor, string name, long wanted)
    {
        var location = tensor.External.GetValueOrDefault("location", "");
        var quoted = UntrustedText.Quote(location);
        if (location.Contains("_ORT_MEM_ADDR_", StringComparison.Ordinal))
        {
            findings.Error("onnx.external-data-address", $"Tensor {name} points into the runtime's memory.");
            return;
        }
        if (!ExternalPath.IsPlain(location))
        {
            findings.Error("onnx.external-data-escapes", $"Tensor {name} keeps its data in {quoted}, which is not a plain path in the model's folder.");
            return;
        }
        if (!Range(tensor, "offset", 0, out var offset) || !Range(tensor, "length", wanted, out var length))
        {
            findings.Error("onnx.external-data-range", $"Tensor {name}: offset and length must be whole numbers from 0 on.");
            return;
        }
        if (siblings(ExternalPath.Beside(modelPath, location)) is not { } size)
        {
            findings.Error("onnx.external-data-missing", $"Tensor {name} keeps its data in {quoted}, and this revision has no such file. Push it beside the model.");
        }
        else if (length != wanted || (Int128)offset + length > size)
        {
            findings.Error("onnx.external-data-range", $"Tensor {name} needs {wanted} bytes: it names {length} from {offset} on in {quoted}, which has {size}.");
        }
    }

    private static bool Range(OnnxTensor tensor, string key, long otherwise, out long value)
    {
        value = otherwise;
        return !tensor.External.TryGetValue(key, out var text) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
