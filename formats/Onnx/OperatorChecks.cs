namespace ZooPlatform.Formats.Onnx;

/// <summary>Every operator must be one the runtime knows, or a function of the model.</summary>
internal sealed class OperatorChecks(OnnxModel model, FindingList findings)
{
    public void Run()
    {
        var functions = model.Functions.Select(f => (f.Domain, f.Name)).ToHashSet();
        Check(OnnxInspector.AllGraphs(model.Graph!, 0).SelectMany(g => g.Graph.Nodes), Versions(model.Opsets), functions);
        foreach (var function in model.Functions)
        {
            // A function states its own operator sets; before IR 8's rules were settled some writers left them to the model.
            var opsets = Versions(function.Opsets.Count > 0 ? function.Opsets : model.Opsets);
            Check(function.Nodes.Concat(Nested(function)), opsets, functions);
        }
    }

    private void Check(IEnumerable<OnnxNode> nodes, Dictionary<string, long> opsets, HashSet<(string, string)> functions)
    {
        foreach (var node in nodes)
        {
            if (node.Domain == "com.microsoft" && node.OpType == "EPContext") CheckContext(node);
            if (node.OpType == "StringNormalizer" && node.Attribute("case_change_action")?.Text is "LOWER" or "UPPER")
            {
                findings.Info("onnx.needs-locale", "StringNormalizer changes case: the runtime needs the locale en_US.UTF-8 on the machine.");
            }
            if (!functions.Contains((node.Domain, node.OpType))) CheckKnown(node, opsets);
        }
    }

    private void CheckKnown(OnnxNode node, Dictionary<string, long> opsets)
    {
        var name = UntrustedText.Quote(node.QualifiedName);
        if (!OperatorSets.IsKnownDomain(node.Domain))
        {
            findings.Error("onnx.unknown-operator-domain",
                $"Operator {name} belongs to no domain the runtime knows and is no function of the model: it would need a library, and none is loaded.");
            return;
        }
        if (!opsets.TryGetValue(node.Domain, out var opset))
        {
            // The runtime fills in its own domains; the default one it does not.
            if (node.Domain.Length == 0) findings.Error("onnx.domain-not-imported", $"Operator {name} is used, and the operator set ai.onnx is not imported.");
            opset = long.MaxValue;
        }
        if (!OperatorSets.Has(node.Domain, node.OpType, opset)) findings.Error("onnx.unknown-operator", $"Operator {name} is not in the operator set the model imports.");
        else if (!OperatorSets.HasKernel(node.Domain, node.OpType)) findings.Error("onnx.operator-not-implemented", $"Operator {name} has no implementation for the CPU in the runtime.");
    }

    private void CheckContext(OnnxNode node)
    {
        findings.Error("onnx.vendor-binary", "EPContext wraps a binary compiled for one vendor's chip: it runs only there.");
        if (node.Attribute("embed_mode")?.Integer == 0 && node.Attribute("ep_cache_context")?.Text is { } file && !ExternalPath.IsPlain(file))
        {
            findings.Error("onnx.external-data-escapes", $"EPContext names the file {UntrustedText.Quote(file)}, which is not a plain path in the model's folder.");
        }
    }

    private static Dictionary<string, long> Versions(List<(string Domain, long Version)> opsets) =>
        opsets.GroupBy(o => o.Domain).ToDictionary(g => g.Key, g => g.Max(o => o.Version));

    private static IEnumerable<OnnxNode> Nested(OnnxFunction function) => function.Nodes
        .SelectMany(n => n.Attributes).SelectMany(a => a.Graphs).SelectMany(g => OnnxInspector.AllGraphs(g, 0)).SelectMany(g => g.Graph.Nodes);
}
