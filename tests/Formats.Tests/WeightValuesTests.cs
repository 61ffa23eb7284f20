using System.Text.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class WeightValuesTests
{
    [Theory]
    [InlineData(1, new byte[] { 0, 0, 0xc0, 0x7f })]
    [InlineData(10, new byte[] { 0, 0x7e })]
    [InlineData(16, new byte[] { 0xc0, 0x7f })]
    [InlineData(11, new byte[] { 0, 0, 0, 0, 0, 0, 0xf8, 0x7f })]
    public async Task A_weight_that_is_no_number_is_found_wherever_it_stands(int type, byte[] nan)
    {
        var count = 40_000;   // more than a window of the reader, and not a multiple of it
        var values = new byte[count * nan.Length];
        nan.CopyTo(values, (count - 7) * nan.Length);
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", type, [count / 8, 8]).Data(9, values))));
        var finding = Assert.Single(inspection.Findings);
        Assert.Equal(("tensor.nan", FindingSeverity.Warning), (finding.Kind, finding.Severity));
        Assert.Contains($"1 of {count}", finding.Message);
        Assert.True(inspection.FitToRun);
        Assert.Equal((count - 1d) / count, inspection.Sparsity);
    }

    [Fact]
    public async Task Infinities_are_numbers_and_typed_fields_are_read_too()
    {
        var floats = new[] { float.NegativeInfinity, float.PositiveInfinity, 0f, 1f }.SelectMany(BitConverter.GetBytes).ToArray();
        var fine = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", 1, [2, 2]).Data(4, floats))));
        Assert.Empty(fine.Findings);
        Assert.Equal(0.25, fine.Sparsity);
        var bad = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y"))
            .Message(5, Wire.Tensor("w", 1, [2, 2]).Data(4, BitConverter.GetBytes(float.NaN)).Data(4, floats[..12]))));
        Assert.Equal("tensor.nan", Assert.Single(bad.Findings).Kind);
    }

    [Fact]
    public async Task Values_past_the_limit_are_not_read_and_nothing_is_told_of_them()
    {
        var file = Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", 1, [512, 4]).Data(9, new byte[512 * 16])));
        var inspection = await ModelInspector.InspectAsync("m.onnx", new MemoryStream(file), _ => null, new InspectionLimits { MaxWeightBytesRead = 8191 }, default);
        Assert.Null(inspection!.Sparsity);
    }

    /// <summary>Against what the family's makers counted in their own way.</summary>
    [CorpusTheory]
    [InlineData("base")]
    [InlineData("pruned")]
    [InlineData("int8-qdq")]
    [InlineData("pruned-int8-qdq")]
    public async Task The_share_of_zeros_equals_the_familys_index(string variant)
    {
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedFolder.File("families/digits/index.json")));
        var expected = index.RootElement.GetProperty("entries").EnumerateArray().Single(entry => entry.GetProperty("id").GetString() == $"{variant}/onnx")
            .GetProperty("sparsity").GetProperty("global").GetDouble();
        await using var file = File.OpenRead(SharedFolder.File($"families/digits/{variant}/model.onnx"));
        var inspection = await ModelInspector.InspectAsync("model.onnx", file, _ => null, InspectionLimits.Default, default);
        Assert.Equal(expected, inspection!.Sparsity!.Value, 1e-6);
    }

    [CorpusTheory]
    [InlineData("damaged-nan", "fc2.weight")]
    [InlineData("damaged-nan-hidden", "conv2.weight")]
    public async Task The_damaged_members_of_the_family_are_found_out(string variant, string culprit)
    {
        await using var file = File.OpenRead(SharedFolder.File($"families/digits/{variant}/model.onnx"));
        var inspection = await ModelInspector.InspectAsync("model.onnx", file, _ => null, InspectionLimits.Default, default);
        Assert.Contains(culprit, Assert.Single(inspection!.Findings, finding => finding.Kind == "tensor.nan").Message);
    }

    private static async Task<Inspection> Inspect(byte[] file) =>
        (await ModelInspector.InspectAsync("m.onnx", new MemoryStream(file), _ => null, InspectionLimits.Default, default))!;
}
