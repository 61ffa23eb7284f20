using System.Text.Json.Nodes;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class OnnxCorpusTests
{
    private const string MinusOne = "-1 means 'unknown' to the writer; the index reads it unsigned";

    // Where ours differ from the index on purpose: what we say, and why.
    private static readonly Dictionary<string, (string Ours, string Why)> Deviations = new()
    {
        ["onnx/qlstm_3-2-3_T3_S1/model.onnx inputs"] = ("""["input: float32[?,3]"]""", MinusOne),
        ["onnx/qlstm_3-2-3_T3_S1/model.onnx outputs"] = ("""["output: float32[?,3]"]""", MinusOne),
        ["onnx/custom_op_varied_input/VariedInputCustomOp.onnx inputs"] = ("""["X: float32[?]","Y: float32[?]"]""", MinusOne),
        ["onnx/custom_op_varied_input/VariedInputCustomOp.onnx outputs"] = ("""["Z: float32[?]"]""", MinusOne),
        ["onnx/sparse_initializer/sparse_initializer_handling.onnx inputs"] =
            ("""["y: float32[3,4,5]"]""", "a sparse initializer gives x its value, like a dense one would"),
        ["onnx/sparse_constant_output/sparse_initializer_as_output.onnx outputs"] =
            ("""["values: sparse_tensor(float32[3,3])"]""", "the output is declared as a sparse tensor"),
        ["onnx/explicit_ai_onnx_domain/test_model_with_fullonnxdomain.onnx op_counts"] =
            ("""{"Equal":1}""", "the domain 'ai.onnx' is the default domain"),
    };

    [CorpusFact]
    public async Task Every_onnx_file_gives_the_facts_of_the_index()
    {
        var differences = new List<string>();
        var compared = 0;
        foreach (var (_, file) in Corpus.Files(format => format == "onnx", "model"))
        {
            var path = (string)file["path"]!;
            if (file["facts"] is not JsonObject expected || expected.ContainsKey("parse_error")) continue;
            var found = Facts((await Corpus.InspectAsync(path))!);
            foreach (var (field, value) in expected)
            {
                var wanted = Deviations.TryGetValue($"{path} {field}", out var deviation) ? JsonNode.Parse(deviation.Ours) : value;
                if (!Same(field, wanted, found[field])) differences.Add($"{path} {field}: expected {wanted?.ToJsonString()}, found {found[field]?.ToJsonString()}");
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

    [CorpusTheory]
    [InlineData("onnx/mobilenetv2_qdq_int8", "qdq", "int8")]
    [InlineData("onnx/conv_int4_weights_qdq", "qdq", "int4")]
    [InlineData("onnx/node_matmulinteger", "qoperator", "")]
    [InlineData("onnx/mnist_cntk", null, "")]
    public async Task Quantisation_is_told(string id, string? scheme, string types)
    {
        var (_, file) = Corpus.Files(format => format == "onnx", "model").First(f => (string)f.Case["id"]! == id);
        var quantisation = (await Corpus.InspectAsync((string)file["path"]!))!.Quantisation;
        Assert.Equal(scheme, quantisation?.Scheme);
        Assert.Equal(types, string.Join(',', quantisation?.WeightTypes ?? []));
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
