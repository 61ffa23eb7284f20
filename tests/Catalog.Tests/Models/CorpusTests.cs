using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Catalog.Tests.Models;

/// <summary>Real models of the shared folder, read through HTTP ranges.</summary>
public sealed class CorpusTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    [CorpusTheory]
    [InlineData("onnx/mobilenetv2_qdq_int8")]
    [InlineData("onnx/mnist_cntk")]
    public async Task What_the_catalog_tells_of_a_real_model_equals_the_index(string id)
    {
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedFolder.File("models/index.json")));
        var facts = index.RootElement.GetProperty("cases").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id)
            .GetProperty("files").EnumerateArray().First(file => file.GetProperty("role").GetString() == "model");
        var path = SharedFolder.File($"models/{facts.GetProperty("path").GetString()}");

        var model = await app.Push(Kit.Name(), Visibility.Public, ("model.onnx", await File.ReadAllBytesAsync(path)));
        var file = Assert.Single(model.Files);
        var expected = facts.GetProperty("facts");
        Assert.Equal(facts.GetProperty("sha256").GetString(), file.Sha256);
        Assert.True(file.Fit);
        Assert.Equal(expected.GetProperty("ir_version").GetInt64(), file.Inspection!.Onnx!.IrVersion);
        Assert.Equal(expected.GetProperty("node_count").GetInt32(), file.Inspection.NodeCount);
        Assert.Equal(expected.GetProperty("initializer_elements").GetInt64(), file.Inspection.Onnx.InitializerElements);
        Assert.Equal(Texts(expected.GetProperty("inputs")), file.Inspection.Inputs.Select(input => input.ToString()));
        Assert.Equal(Texts(expected.GetProperty("outputs")), file.Inspection.Outputs.Select(output => output.ToString()));
        Assert.Equal(
            expected.GetProperty("op_counts").EnumerateObject().ToDictionary(op => op.Name, op => op.Value.GetInt32()).OrderBy(op => op.Key),
            file.Inspection.Operators.OrderBy(op => op.Key));
    }

    [CorpusFact]
    public async Task A_real_broken_model_is_kept_with_a_finding_and_is_not_fit()
    {
        var bytes = await File.ReadAllBytesAsync(SharedFolder.File("models/onnx/broken_not_a_protobuf/corrupt-model.onnx"));
        var model = await app.Push(Kit.Name(), Visibility.Public, ("corrupt-model.onnx", bytes));
        Assert.False(Assert.Single(model.Files).Fit);
        Assert.Contains(model.Findings, finding => finding is { Kind: "onnx.not-parsable", Severity: "error", Path: "corrupt-model.onnx" });
    }

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());
}
