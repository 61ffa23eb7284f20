using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>The main job on real models of other people, from the shared folder.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class CorpusTests(RunningZoo running)
{
    [CorpusTheory]
    [InlineData("mobilenetv2_qdq_int8", "image", "mobilnet int8")]
    [InlineData("mnist_cntk", "Input3", "mnst cntk")]
    public async Task A_real_model_is_read_found_measured_and_answers_as_expected(string name, string input, string typo)
    {
        using var index = JsonDocument.Parse(File.ReadAllText(SharedFolder.File("models/index.json")));
        var known = index.RootElement.GetProperty("cases").EnumerateArray().Single(entry => entry.GetProperty("id").GetString() == $"onnx/{name}");
        var expected = known.GetProperty("files")[0].GetProperty("facts");
        var io = known.GetProperty("expect").GetProperty("io");
        var folder = SharedFolder.File($"models/onnx/{name}");
        var inputFile = Path.Combine(folder, io.GetProperty("inputs")[0].GetString()!);
        var outputFile = Path.Combine(folder, io.GetProperty("outputs")[0].GetString()!);

        var kit = running.NewFolder(name);
        Files.Copy(folder, kit);
        Directory.CreateDirectory(Path.Combine(kit, "test_data_set_0"));
        foreach (var file in new[] { inputFile, outputFile }) File.Copy(file, Path.Combine(kit, "test_data_set_0", Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(Path.Combine(kit, "README.md"), $"""
            ---
            license: mit
            pipeline_tag: image-classification
            tags: [{name.Replace('_', ' ')}]
            ---
            # {name.Replace('_', ' ')}
            Classifies pictures; pushed by the corpus tests.
            """);

        var owner = await running.NewOrganisationAsync();
        var repository = $"{owner}/{name.Replace('_', '-')}";
        await running.Zoo.JsonAsync("push", kit, repository, "-m", "first");

        await Files.EventuallyAsync(TimeSpan.FromSeconds(30), async () =>
        {
            var found = await running.Zoo.JsonAsync("search", typo);
            Assert.Contains(found.GetProperty("hits").EnumerateArray(), hit => $"{hit.GetProperty("owner")}/{hit.GetProperty("name")}" == repository);
        });

        var facts = (await running.Zoo.JsonAsync("show", repository)).GetProperty("model").GetProperty("files").EnumerateArray()
            .Single(file => file.GetProperty("path").GetString() == "model.onnx").GetProperty("inspection");
        Assert.Equal(expected.GetProperty("node_count").GetInt32(), facts.GetProperty("nodeCount").GetInt32());
        Assert.Equal(expected.GetProperty("producer").GetString(), facts.GetProperty("producer").GetString());
        Assert.Equal(expected.GetProperty("ir_version").GetInt64(), facts.GetProperty("onnx").GetProperty("irVersion").GetInt64());
        Assert.Equal(expected.GetProperty("initializer_elements").GetInt64(), facts.GetProperty("onnx").GetProperty("initializerElements").GetInt64());
        Assert.Equal(Counts(expected.GetProperty("op_counts")), Counts(facts.GetProperty("operators")));
        Assert.Equal(Counts(expected.GetProperty("opset_imports")), Counts(facts.GetProperty("onnx").GetProperty("opsetImports")));
        Assert.Equal(
            expected.GetProperty("inputs").EnumerateArray().Select(value => value.GetString()),
            facts.GetProperty("inputs").EnumerateArray().Select(Signature));

        var run = await running.Zoo.JsonAsync("bench", repository, "--wait", "--iterations", "20",
            "--relative-tolerance", io.GetProperty("rtol").GetRawText(), "--absolute-tolerance", io.GetProperty("atol").GetRawText());
        Assert.True(run.GetProperty("status").GetString() == "succeeded", run.ToString());
        Assert.True(run.GetProperty("results").GetProperty("accuracy").GetProperty("passed").GetBoolean(), run.ToString());

        var answer = await running.Zoo.JsonAsync("infer", repository, "--input", $"{input}={inputFile}");
        var got = answer.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetDouble()).ToList();
        var wanted = Formats.Tensors.TensorFile.Read(File.ReadAllBytes(outputFile));
        Assert.Equal(wanted.Length, got.Count);
        for (var i = 0; i < got.Count; i++)
            Assert.Equal(wanted.At(i), got[i], io.GetProperty("atol").GetDouble() + io.GetProperty("rtol").GetDouble() * Math.Abs(wanted.At(i)));

        var pulled = running.NewFolder("pulled");
        await running.Zoo.JsonAsync("pull", repository, pulled);
        Files.ShouldBeSame(kit, pulled);
    }

    [CorpusFact]
    public async Task A_broken_model_is_kept_with_a_finding_and_never_reaches_onnx_runtime()
    {
        var owner = await running.NewOrganisationAsync();
        var kit = running.NewFolder("broken");
        Files.Copy(SharedFolder.File("models/onnx/broken_not_a_protobuf"), kit);
        File.WriteAllBytes(Path.Combine(kit, "empty.onnx"), []);
        await running.Zoo.JsonAsync("push", kit, $"{owner}/broken", "-m", "first");
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), async () =>
        {
            var model = (await running.Zoo.JsonAsync("show", $"{owner}/broken")).GetProperty("model");
            foreach (var path in new[] { "corrupt-model.onnx", "empty.onnx" })
            {
                Assert.Contains(model.GetProperty("findings").EnumerateArray(),
                    finding => finding.GetProperty("path").GetString() == path && finding.GetProperty("severity").GetString() == "error");
                Assert.False(model.GetProperty("files").EnumerateArray().Single(file => file.GetProperty("path").GetString() == path).GetProperty("fit").GetBoolean());
            }
        });
        var refused = await running.Zoo.RunAsync("bench", $"{owner}/broken", "--file", "corrupt-model.onnx", "--wait");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("onnx.", refused.Error);
        var pulled = running.NewFolder("pulled");
        await running.Zoo.JsonAsync("pull", $"{owner}/broken", pulled);
        Files.ShouldBeSame(kit, pulled);
    }

    private static SortedDictionary<string, long> Counts(JsonElement map) =>
        new(map.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetInt64()), StringComparer.Ordinal);

    private static string Signature(JsonElement value) =>
        $"{value.GetProperty("name")}: {value.GetProperty("type")}[{string.Join(',', value.GetProperty("shape").EnumerateArray().Select(d => d.ToString()))}]";
}
