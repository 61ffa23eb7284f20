using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Reads an ONNX model, checks it, and tells its facts.</summary>
internal static class OnnxInspector
{
    public static async Task<Inspection> InspectAsync(
        string path, Stream stream, SiblingFiles siblings, InspectionLimits limits, CancellationToken ct)
    {
        var findings = new FindingList();
        OnnxModel model;
        try
        {
            if (stream.Length == 0) throw new InvalidDataException("The file has no bytes.");
            model = await new OnnxModelReader(new ProtobufReader(stream, limits, ct), limits).ReadAsync();
        }
        catch (InvalidDataException e)
        {
            findings.Error("onnx.not-parsable", e.Message);
            return new Inspection { Path = path, Format = ModelFormats.Onnx, Findings = findings.ToList() };
        }

        var graphs = model.Graph is null ? [] : AllGraphs(model.Graph, 0).ToList();
        new ModelChecks(model, findings, limits).Run();
        foreach (var (graph, _) in graphs) new TensorChecks(path, siblings, findings, limits).Run(graph);
        foreach (var node in model.Functions.SelectMany(function => function.Nodes)) new TensorChecks(path, siblings, findings, limits).Run(node);
        return Describe(path, model, graphs, findings);
    }

    /// <summary>The graph and all graphs inside its nodes, with their depth.</summary>
    internal static IEnumerable<(OnnxGraph Graph, int Depth)> AllGraphs(OnnxGraph graph, int depth) =>
        graph.Nodes.SelectMany(node => node.Attributes).SelectMany(attribute => attribute.Graphs)
            .SelectMany(inner => AllGraphs(inner, depth + 1)).Prepend((graph, depth));

    private static Inspection Describe(string path, OnnxModel model, List<(OnnxGraph Graph, int Depth)> graphs, FindingList findings)
    {
        var nodes = graphs.SelectMany(g => g.Graph.Nodes).ToList();
        var initializers = model.Graph?.Initializers ?? [];
        var sparse = graphs.SelectMany(g => g.Graph.SparseInitializers).ToList();
        var constants = nodes.Where(node => node.OpType == "Constant" && node.Domain.Length == 0).SelectMany(node => node.Attributes).ToList();
        var weights = graphs.SelectMany(g => g.Graph.Initializers).Concat(constants.SelectMany(c => c.Tensors)).Concat(sparse.Select(s => s.Values))
            .Concat(constants.SelectMany(c => c.SparseTensors).Select(s => s.Values)).ToList();
        var stored = initializers.Select(t => t.Name).Concat(model.Graph?.SparseInitializers.Select(t => t.Values.Name) ?? []).ToHashSet();
        var producer = $"{model.ProducerName} {model.ProducerVersion}".Trim();

        return new Inspection
        {
            Path = path,
            Format = ModelFormats.Onnx,
            Framework = OnnxProducers.FrameworkOf(model.ProducerName),
            Producer = producer.Length == 0 ? null : producer,
            Inputs = model.Graph?.Inputs.Where(input => !stored.Contains(input.Name)).Select(v => v.Type.Facts(v.Name)).ToList() ?? [],
            Outputs = model.Graph?.Outputs.Select(v => v.Type.Facts(v.Name)).ToList() ?? [],
            ParameterCount = Sum(weights, TensorSizes.Elements),
            WeightBytes = Sum(weights, TensorSizes.Bytes),
            NodeCount = nodes.Count,
            Operators = nodes.CountBy(node => node.QualifiedName)
                .OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal).ToDictionary(p => p.Key, p => p.Value),
            Quantisation = QuantisationOf.Model(nodes, graphs.SelectMany(g => g.Graph.Initializers)),
            Sparsity = sparse.Count > 0 ? SparsityOf(sparse) : ZerosAmong([.. weights.Where(t => t.Dims.Count > 1)]),
            Metadata = model.Metadata,
            Onnx = new OnnxFacts(
                model.IrVersion,
                model.Opsets.DistinctBy(o => o.Domain).ToDictionary(o => o.Domain.Length == 0 ? "ai.onnx" : o.Domain, o => o.Version),
                graphs.Select(g => g.Depth).DefaultIfEmpty(0).Max(),
                initializers.Count,
                sparse.Count,
                Sum(initializers, TensorSizes.Elements),
                initializers.Select(t => t.Type.Name()).Distinct().Order(StringComparer.Ordinal).ToList(),
                model.Functions.Select(f => f.Name).Order(StringComparer.Ordinal).ToList(),
                weights.Where(t => t.IsExternal).Select(t => t.External.GetValueOrDefault("location", "")).Distinct().ToList()),
            Findings = findings.ToList(),
        };
    }

    private static double? SparsityOf(List<OnnxSparseTensor> tensors)
    {
        var stored = (double)Sum(tensors.Select(t => t.Values), TensorSizes.Elements);
        var whole = tensors.Sum(t => (double)(TensorSizes.Product(t.Dims) ?? 0));
        return whole > 0 && stored <= whole ? 1 - (stored / whole) : null;
    }

    /// <summary>Null unless every matrix of weights was looked through.</summary>
    private static double? ZerosAmong(List<OnnxTensor> matrices)
    {
        var elements = matrices.Sum(t => (double)(t.Values?.Elements ?? 0));
        return elements > 0 && matrices.TrueForAll(t => t.Values is not null) ? matrices.Sum(t => (double)t.Values!.Zeros) / elements : null;
    }

    // Saturates: a hostile file may claim more than a long can hold.
    private static long Sum(IEnumerable<OnnxTensor> tensors, Func<OnnxTensor, long?> size) =>
        tensors.Aggregate(0L, (sum, tensor) => (long)Int128.Min((Int128)sum + (size(tensor) ?? 0), long.MaxValue));
}
