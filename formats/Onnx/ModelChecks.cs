using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Decides from the structure alone whether ONNX Runtime may be given the model.</summary>
internal sealed class ModelChecks(OnnxModel model, FindingList findings, InspectionLimits limits)
{
    private const long LargeTensorBytes = 128L << 20;

    public void Run()
    {
        CheckVersions();
        if (model.Graph is null)
        {
            findings.Error("onnx.graph-missing", "The file has no graph.");
            return;
        }
        if (model.HasTrainingInfo) findings.Warning("onnx.training-info", "The file carries training graphs; they are not run.");
        if (model.Metadata.ContainsKey("ort_config")) findings.Warning("onnx.session-options", "Metadata 'ort_config' asks for session options of its own; it is not obeyed.");
        if (model.Graph.Outputs.Count == 0) findings.Error("onnx.no-outputs", "The graph declares no outputs: there is nothing to run.");
        new OperatorChecks(model, findings).Run();
        new ScopeChecks(findings).Run(model.Graph, model.Functions);
        new ShapeChecks(findings).Run(model.Graph);
        CheckExpansion();
        CheckMemory(model.Graph.Inputs.Concat(model.Graph.Outputs));
    }

    private void CheckVersions()
    {
        switch (model.IrVersion)
        {
            case null: findings.Error("onnx.ir-version-missing", "The file states no ir_version."); break;
            case < 1 or > OperatorSets.NewestIrVersion:
                findings.Error("onnx.ir-version-unsupported", $"IR version {model.IrVersion}; the runtime takes up to {OperatorSets.NewestIrVersion}.");
                break;
        }
        if (model.Opsets.Count == 0) findings.Error("onnx.opset-missing", "The file imports no operator set (opset_import), which is mandatory from IR version 3.");
        foreach (var (domain, version) in model.Opsets)
        {
            if (domain.Length == 0 && version is < 1 or > OperatorSets.NewestDefaultOpset)
            {
                findings.Error("onnx.opset-unsupported", $"Opset {version} of ai.onnx; the runtime takes 1 to {OperatorSets.NewestDefaultOpset}.");
            }
        }
        foreach (var twice in model.Opsets.GroupBy(o => o.Domain).Where(group => group.Select(o => o.Version).Distinct().Count() > 1))
        {
            findings.Warning("onnx.opset-ambiguous", $"Domain {UntrustedText.Quote(twice.Key)} is imported in several versions.");
        }
    }

    // The runtime puts a function's body in place of each call, so calls in calls multiply.
    private void CheckExpansion()
    {
        var bodies = model.Functions.GroupBy(f => (f.Domain, f.Name)).ToDictionary(g => g.Key, g => g.First());
        var sizes = new Dictionary<(string, string), long>();
        var total = Expanded(OnnxInspector.AllGraphs(model.Graph!, 0).SelectMany(g => g.Graph.Nodes), bodies, sizes, 0);
        if (total > limits.MaxNodes) findings.Error("onnx.too-many-nodes", $"With local functions put in place the graph has more than {limits.MaxNodes} nodes, or functions call each other in a circle.");
    }

    // Saturates just past the limit; a function that is being measured counts as too many.
    private long Expanded(
        IEnumerable<OnnxNode> nodes, Dictionary<(string, string), OnnxFunction> bodies, Dictionary<(string, string), long> sizes, int depth)
    {
        var total = 0L;
        foreach (var node in nodes)
        {
            var key = (node.Domain, node.OpType);
            if (!bodies.TryGetValue(key, out var body))
            {
                total++;
            }
            else
            {
                if (!sizes.TryGetValue(key, out var size))
                {
                    sizes[key] = limits.MaxNodes + 1L;
                    size = depth > 64 ? limits.MaxNodes + 1L : Expanded(AllNodes(body), bodies, sizes, depth + 1);
                    sizes[key] = size;
                }
                total += size;
            }
            if (total > limits.MaxNodes) return limits.MaxNodes + 1L;
        }
        return total;
    }

    private static IEnumerable<OnnxNode> AllNodes(OnnxFunction function) => function.Nodes.Concat(function.Nodes
        .SelectMany(n => n.Attributes).SelectMany(a => a.Graphs).SelectMany(g => OnnxInspector.AllGraphs(g, 0)).SelectMany(g => g.Graph.Nodes));

    private void CheckMemory(IEnumerable<OnnxValue> values)
    {
        foreach (var value in values)
        {
            var elements = TensorSizes.Product(value.Type.Shape?.Select(d => d.Length ?? 1).ToList() ?? []);
            if (elements is null)
            {
                findings.Error("onnx.tensor-too-large", $"{UntrustedText.Quote(value.Name)} has more elements than can be counted.");
            }
            else if ((Int128)elements * value.Type.Element.Bits() / 8 is var bytes && bytes > LargeTensorBytes)
            {
                findings.Warning("onnx.large-tensor", $"{UntrustedText.Quote(value.Name)} takes {(long)(bytes >> 20)} MiB: running the model needs much memory.");
            }
        }
    }
}
