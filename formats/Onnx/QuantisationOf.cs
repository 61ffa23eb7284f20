using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

internal static class QuantisationOf
{
    private static readonly HashSet<string> WeightOnly = ["MatMulNBits", "MatMulBnb4", "MatMulFpQ4", "GatherBlockQuantized", "QMoE"];

    private static readonly HashSet<ElementType> Narrow =
    [
        ElementType.Int8, ElementType.UInt8, ElementType.Int4, ElementType.UInt4, ElementType.Int2, ElementType.UInt2,
        ElementType.Int16, ElementType.UInt16, ElementType.Float4E2M1, ElementType.Float8E4M3Fn, ElementType.Float8E4M3FnUz,
        ElementType.Float8E5M2, ElementType.Float8E5M2FnUz,
    ];

    /// <summary>Null: nothing is quantised.</summary>
    public static QuantisationFacts? Model(IReadOnlyList<OnnxNode> nodes, IEnumerable<OnnxTensor> initializers)
    {
        var tensors = initializers.ToLookup(t => t.Name, StringComparer.Ordinal);
        var quantised = nodes.Where(node => SchemeOf(node.OpType) is not null).ToList();
        if (quantised.Count == 0) return null;

        // Most calls decide; QDQ pairs around a quantised operator do not hide it.
        var scheme = quantised.CountBy(node => SchemeOf(node.OpType)!).OrderBy(p => p.Key == "qdq").ThenByDescending(p => p.Value).First().Key;
        var used = quantised.SelectMany(node => node.Inputs).SelectMany(name => tensors[name]).ToList();
        // A single narrow element is a zero point, not a weight.
        var types = used.Where(t => Narrow.Contains(t.Type) && TensorSizes.Elements(t) > 1).Select(t => t.Type.Name())
            .Distinct().Order(StringComparer.Ordinal).ToList();
        var perChannel = quantised.Any(node => node.OpType is "DequantizeLinear" or "QuantizeLinear" && node.Inputs.Count > 1
            && tensors[node.Inputs[1]].Any(scale => TensorSizes.Elements(scale) > 1));
        return new QuantisationFacts(scheme, types, perChannel);
    }

    private static string? SchemeOf(string operation) => operation switch
    {
        "QuantizeLinear" or "DequantizeLinear" => "qdq",
        "DynamicQuantizeLinear" or "DynamicQuantizeMatMul" or "DynamicQuantizeLSTM" => "dynamic",
        "MatMulInteger" or "ConvInteger" or "QAttention" or "QGemm" or "MatMulIntegerToFloat" => "qoperator",
        _ when operation.StartsWith("QLinear", StringComparison.Ordinal) || operation.StartsWith("QOrdered", StringComparison.Ordinal) => "qoperator",
        _ when WeightOnly.Contains(operation) => "weight-only",
        _ => null,
    };
}
