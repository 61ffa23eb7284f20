using System.Text.Json.Nodes;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class OnnxCorpusTests
{
    // Facts where ours differ from the index on purpose: path -> field -> why.
    private static readonly Dictionary<string, (string Field, string Why)> Deviations = new()
    {
    };

    [CorpusFact]
    public async Task Every_onnx_file_gives_the_facts_of_the_index()
    {
        var differences = new List<string>();
        var compared = 0;
        foreach (var (entry, file) in Corpus.Files(format => format == "onnx", "model"))
        {
            var path = (string)file["path"]!;
            if (file["facts"] is not JsonObject expected || expected.ContainsKey("parse_error")) continue;
            var found = Facts((await Corpus.InspectAsync(path))!);
            foreach (var (field, value) in expected)
            {
                if (Deviations.TryGetValue(path, out var deviation) && deviation.Field == field) continue;
                if (!Same(field, value, found[field])) differences.Add($"{path} {field}: expected {value?.ToJsonString()}, found {found[field]?.ToJsonString()}");
            }
            compared++;
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(127 - 1, compared);
    }

    [CorpusFact]
    public async Task A_model_that_the_runtime_loads_is_fit_and_one_that_it_refuses_is_not()
    {
        var wrong = new List<string>();
        foreach (var (entry, file) in Corpus.Files(format => format == "onnx", "model"))
        {
            var inspection = (await Corpus.InspectAsync((string)file["path"]!))!;
            var runtime = (string?)entry["expect"]!["runtime"]?["onnxruntime_cpu"];
            bool? expected = runtime switch { "loads" or "loads-if-locale" or "not verified" => true, "fails" => false, _ => null };
            if (expected != inspection.FitToRun) wrong.Add($"{file["path"]}: runtime {runtime} {entry["expect"]!["runtime"]?["reason"]}, findings {string.Join(" | ", inspection.Findings)}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [CorpusFact]
    public async Task A_text_named_onnx_is_a_finding()
    {
        var inspection = (await Corpus.InspectAsync("onnx/broken_not_a_protobuf/corrupt-model.onnx"))!;
        Assert.Equal("onnx.not-parsable", Assert.Single(inspection.Findings).Kind);
        Assert.False(inspection.FitToRun);
    }

    private static JsonObject Facts(Inspection inspection)
    {
        var onnx = inspection.Onnx!;
        return new JsonObject
        {
            ["ir_version"] = onnx.IrVersion,
            ["opset_imports"] = new JsonObject(onnx.OpsetImports.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["producer"] = inspection.Producer ?? "",
            ["inputs"] = Texts(inspection.Inputs.Select(v => v.ToString())),
            ["outputs"] = Texts(inspection.Outputs.Select(v => v.ToString())),
            ["node_count"] = inspection.NodeCount,
            ["max_subgraph_depth"] = onnx.MaxSubgraphDepth,
            ["initializer_count"] = onnx.InitializerCount,
            ["sparse_initializer_count"] = onnx.SparseInitializerCount,
            ["initializer_elements"] = onnx.InitializerElements,
            ["initializer_dtypes"] = Texts(onnx.InitializerTypes),
            ["local_functions"] = Texts(onnx.LocalFunctions),
            ["op_counts"] = new JsonObject(inspection.Operators.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["external_files"] = Texts(onnx.ExternalFiles),
            ["metadata_props"] = new JsonObject(inspection.Metadata.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
        };
    }

    // The index cuts long metadata and keeps no order of its maps.
    private static bool Same(string field, JsonNode? expected, JsonNode? found) => field switch
    {
        "metadata_props" => expected!.AsObject().Count == found!.AsObject().Count
            && expected.AsObject().All(p => ((string?)found[p.Key])?.StartsWith((string)p.Value!, StringComparison.Ordinal) == true),
        "opset_imports" or "op_counts" => JsonNode.DeepEquals(Sorted(expected), Sorted(found)),
        _ => JsonNode.DeepEquals(expected, found) || expected?.ToJsonString() == found?.ToJsonString(),
    };

    private static JsonArray Sorted(JsonNode? map) => Texts(map!.AsObject().Select(p => $"{p.Key}={p.Value}").Order(StringComparer.Ordinal));

    private static JsonArray Texts(IEnumerable<string> texts) => new(texts.Select(text => (JsonNode?)text).ToArray());
}
