using System.Text.Json;
using Xunit;
using ZooPlatform.Formats.Tensors;
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

        var (rtol, atol) = (io.GetProperty("rtol"), io.GetProperty("atol"));
        var run = await running.Zoo.JsonAsync("bench", repository, "--wait", "--iterations", "20",
            "--relative-tolerance", rtol.GetRawText(), "--absolute-tolerance", atol.GetRawText());
        Assert.True(run.GetProperty("status").GetString() == "succeeded", run.ToString());
        var results = run.GetProperty("results");
        // Processors without VNNI round 8-bit sums otherwise; the run says so, and then the answer's class must still be right.
        var isExact = !results.TryGetProperty("note", out var note) || note.ValueKind == JsonValueKind.Null;
        if (isExact) Assert.True(results.GetProperty("accuracy").GetProperty("passed").GetBoolean(), run.ToString());

        var answer = await running.Zoo.JsonAsync("infer", repository, "--input", $"{input}={inputFile}");
        var got = OpenInferenceTensors.Read(answer.GetProperty("outputs")[0]);
        var wanted = TensorFile.Read(File.ReadAllBytes(outputFile)).Named(got.Name);
        if (isExact) Assert.Equal(0, TensorComparison.Compare(wanted, got, rtol.GetDouble(), atol.GetDouble()).Mismatches);
        Assert.Equal(Largest(wanted), Largest(got));

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

    /// <summary>Where the largest of float32 scores stands.</summary>
    private static int Largest(Tensor scores)
    {
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(scores.Data.Span);
        var largest = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[largest]) largest = i;
        return largest;
    }

    private static SortedDictionary<string, long> Counts(JsonElement map) =>
        new(map.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetInt64()), StringComparer.Ordinal);

    private static string Signature(JsonElement value) =>
        $"{value.GetProperty("name")}: {value.GetProperty("type")}[{string.Join(',', value.GetProperty("shape").EnumerateArray().Select(d => d.ToString()))}]";
}
