namespace ZooPlatform.Formats.Onnx;

/// <summary>Every value has one definition, and every use finds it. Inner graphs see the values of outer ones.</summary>
internal sealed class ScopeChecks(FindingList findings)
{
    // Names of the graph being checked, then of those around it. Not one growing set: a copy per inner graph would cost a square.
    private readonly Stack<HashSet<string>> _scopes = new();

    public void Run(OnnxGraph graph, IReadOnlyList<OnnxFunction> functions)
    {
        Check(graph);
        foreach (var function in functions) Check(AsGraph(function));
    }

    private void Check(OnnxGraph graph)
    {
        var defined = DefineLeaves(graph);
        var producers = DefineOutputs(graph, defined);
        foreach (var twice in graph.Nodes.Where(n => n.Name.Length > 0).GroupBy(n => n.Name).Where(g => g.Count() > 1))
        {
            findings.Error("onnx.duplicate-node-name", $"{twice.Count()} nodes are called {UntrustedText.Quote(twice.Key)}.");
        }
        CheckOrder(graph, producers);

        defined.UnionWith(producers.Keys);
        _scopes.Push(defined);
        foreach (var name in graph.Nodes.SelectMany(n => n.Inputs).Where(name => name.Length > 0 && !IsVisible(name)))
        {
            findings.Error("onnx.undefined-value", $"A node uses {UntrustedText.Quote(name)}, which nothing defines.");
        }
        foreach (var output in graph.Outputs.Where(output => !IsVisible(output.Name)))
        {
            findings.Error("onnx.undefined-value", $"The output {UntrustedText.Quote(output.Name)} is computed by no node.");
        }
        foreach (var inner in graph.Nodes.SelectMany(n => n.Attributes).SelectMany(a => a.Graphs)) Check(inner);
        _scopes.Pop();
    }

    private bool IsVisible(string name) => _scopes.Any(scope => scope.Contains(name));

    private HashSet<string> DefineLeaves(OnnxGraph graph)
    {
        var defined = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in graph.Inputs.Where(input => !defined.Add(input.Name))) Duplicate(input.Name);
        // An initializer may give an input its default value: that is one name for both.
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in graph.Initializers.Select(t => t.Name).Concat(graph.SparseInitializers.Select(t => t.Values.Name)))
        {
            if (!initializers.Add(name)) Duplicate(name);
        }
        defined.UnionWith(initializers);
        return defined;
    }

    private Dictionary<string, int> DefineOutputs(OnnxGraph graph, HashSet<string> defined)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (var name in graph.Nodes[i].Outputs.Where(name => name.Length > 0))
            {
                if (defined.Contains(name) || !producers.TryAdd(name, i)) Duplicate(name);
            }
        }
        return producers;
    }

    // Kahn's algorithm: what cannot be put in order is a circle.
    private void CheckOrder(OnnxGraph graph, Dictionary<string, int> producers)
    {
        var followers = new List<int>[graph.Nodes.Count];
        var waiting = new int[graph.Nodes.Count];
        var sorted = true;
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (var name in Uses(graph.Nodes[i]))
            {
                if (!producers.TryGetValue(name, out var producer)) continue;
                (followers[producer] ??= []).Add(i);
                waiting[i]++;
                sorted &= producer < i;
            }
        }
        if (sorted) return;

        var ready = new Stack<int>(Enumerable.Range(0, waiting.Length).Where(i => waiting[i] == 0));
        var done = 0;
        for (; ready.TryPop(out var node); done++)
        {
            foreach (var follower in followers[node] ?? [])
            {
                if (--waiting[follower] == 0) ready.Push(follower);
            }
        }
        if (done < waiting.Length) findings.Error("onnx.cycle", $"{waiting.Length - done} nodes wait for each other in a circle.");
        else findings.Warning("onnx.nodes-not-sorted", "Nodes stand before the nodes they depend on; the runtime sorts them.");
    }

    // What a node needs: its inputs, and what its inner graphs take from outside (names defined inside are no match or harmless).
    private static IEnumerable<string> Uses(OnnxNode node) => node.Inputs.Concat(node.Attributes.SelectMany(a => a.Graphs).SelectMany(FreeNames));

    private static IEnumerable<string> FreeNames(OnnxGraph graph)
    {
        var own = graph.Inputs.Select(v => v.Name).Concat(graph.Initializers.Select(t => t.Name))
            .Concat(graph.Nodes.SelectMany(n => n.Outputs)).ToHashSet(StringComparer.Ordinal);
        return graph.Nodes.SelectMany(Uses).Concat(graph.Outputs.Select(v => v.Name)).Where(name => !own.Contains(name));
    }

    private void Duplicate(string name) => findings.Error("onnx.duplicate-name", $"The value {UntrustedText.Quote(name)} is defined more than once.");

    private static OnnxGraph AsGraph(OnnxFunction function)
    {
        var graph = new OnnxGraph();
        graph.Nodes.AddRange(function.Nodes);
        graph.Inputs.AddRange(function.Inputs.Select(name => new OnnxValue(name, OnnxType.None)));
        graph.Outputs.AddRange(function.Outputs.Select(name => new OnnxValue(name, OnnxType.None)));
        return graph;
    }
}
