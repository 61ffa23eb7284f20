namespace ZooPlatform.Formats.Onnx;

/// <summary>Finds matrix products whose declared shapes cannot be multiplied. Everything else about shapes is the runtime's to find.</summary>
internal sealed class ShapeChecks(FindingList findings)
{
    public void Run(OnnxGraph graph)
    {
        var shapes = new Dictionary<string, IReadOnlyList<Dimension>>(StringComparer.Ordinal);
        foreach (var value in graph.Inputs.Concat(graph.ValueInfo))
        {
            if (value.Type is { Kind: "tensor", Shape: { } shape }) shapes[value.Name] = shape;
        }
        foreach (var tensor in graph.Initializers) shapes[tensor.Name] = tensor.Dims.Select(Dimension.Of).ToList();

        foreach (var node in graph.Nodes.Where(n => n is { OpType: "MatMul", Domain.Length: 0, Inputs.Count: 2 }))
        {
            if (!shapes.TryGetValue(node.Inputs[0], out var left) || !shapes.TryGetValue(node.Inputs[1], out var right)) continue;
            if (left.Count == 0 || right.Count == 0) continue;
            var (columns, rows) = (left[^1].Length, right.Count == 1 ? right[0].Length : right[^2].Length);
            if (columns is { } c && rows is { } r && c != r)
            {
                findings.Error("onnx.shape-mismatch",
                    $"MatMul {UntrustedText.Quote(node.Name)} cannot multiply [{string.Join(',', left)}] by [{string.Join(',', right)}].");
            }
        }
    }
}
