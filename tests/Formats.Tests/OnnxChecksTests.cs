namespace ZooPlatform.Formats.Tests;

public class OnnxChecksTests
{
    [Fact]
    public async Task A_small_sound_model_has_no_findings()
    {
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y"))));
        Assert.Empty(inspection.Findings);
        Assert.True(inspection.FitToRun);
        Assert.Equal("x: float32[2]", Assert.Single(inspection.Inputs).ToString());
    }

    [Fact]
    public async Task Weights_are_skipped_not_read()
    {
        var weights = Wire.Tensor("w", 1, [1 << 22]).Data(9, new byte[4 << 22]);
        var file = Wire.Model(Wire.Graph(Wire.Node("Add", "x", "y").Text(1, "w")).Message(5, weights));
        await using var stream = new CountingStream(new MemoryStream(file));
        var inspection = (await ModelInspector.InspectAsync("m.onnx", stream, _ => null, InspectionLimits.Default, CancellationToken.None))!;

        Assert.Equal(1 << 22, inspection.ParameterCount);
        Assert.Equal(16 << 20, inspection.WeightBytes);
        Assert.True(inspection.FitToRun);
        Assert.InRange(stream.BytesRead, 1, 256 << 10);
    }

    [Fact]
    public async Task Many_inner_graphs_beside_many_values_take_no_square_of_time()
    {
        var nodes = Enumerable.Range(0, 20_000).Select(i => Wire.Node("Relu", "x", $"v{i}"))
            .Concat(Enumerable.Range(0, 10_000).Select(i => Wire.Node("If", "x", $"w{i}").Message(5,
                new Wire().Text(1, "then_branch").Message(6, new Wire().Message(1, Wire.Node("Relu", "v0", "t")).Message(12, new Wire().Text(1, "t"))))))
            .Append(Wire.Node("Relu", "x", "y")).ToArray();
        var file = Wire.Model(Wire.Graph(nodes));
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.True((await Inspect(file)).FitToRun);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
    }

    [Theory]
    [InlineData("../../etc/passwd", "onnx.external-data-escapes")]
    [InlineData("sub/../../etc/passwd", "onnx.external-data-escapes")]
    [InlineData("/etc/passwd", "onnx.external-data-escapes")]
    [InlineData("C:\\weights", "onnx.external-data-escapes")]
    [InlineData("", "onnx.external-data-escapes")]
    [InlineData("a\u0000b", "onnx.external-data-escapes")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "onnx.external-data-address")]
    [InlineData("absent.bin", "onnx.external-data-missing")]
    [InlineData("short.bin", "onnx.external-data-range")]
    public async Task External_data_that_is_not_a_whole_file_beside_the_model_is_refused(string location, string kind)
    {
        var tensor = Wire.External("w", [2], ("location", location));
        await ShouldFind(kind, Wire.Model(Wire.Graph(Wire.Node("Add", "x", "y").Text(1, "w")).Message(5, tensor)));
    }

    [Theory]
    [InlineData("0", "8", true)]
    [InlineData("8", "8", true)]
    [InlineData("9", "8", false)]
    [InlineData("-8", "8", false)]
    [InlineData("9223372036854775807", "8", false)]
    [InlineData("0", "1125899906842624", false)]
    [InlineData("0", "4", false)]
    [InlineData("zero", "8", false)]
    public async Task Offset_and_length_of_external_data_must_lie_inside_the_file(string offset, string length, bool fits)
    {
        var tensor = Wire.External("w", [2], ("location", "sub/weights.bin"), ("offset", offset), ("length", length));
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Add", "x", "y").Text(1, "w")).Message(5, tensor)));
        Assert.Equal(fits, inspection.FitToRun);
        Assert.Equal(fits, inspection.Findings.All(f => f.Kind != "onnx.external-data-range"));
        Assert.Equal(["sub/weights.bin"], inspection.Onnx!.ExternalFiles);
    }

    [Theory]
    [InlineData("NoSuch", "", "onnx.unknown-operator")]
    [InlineData("PyOp", "pyopmulti_1", "onnx.unknown-operator-domain")]
    [InlineData("StringUpper", "ai.onnx.contrib", "onnx.unknown-operator-domain")]
    [InlineData("EPContext", "com.microsoft", "onnx.vendor-binary")]
    public Task Operators_that_need_a_library_are_refused(string type, string domain, string kind) =>
        ShouldFind(kind, Wire.Model(Wire.Graph(Wire.Node(type, "x", "y", domain))));

    [Fact]
    public Task A_circle_is_refused() =>
        ShouldFind("onnx.cycle", Wire.Model(Wire.Graph(Wire.Node("Relu", "b", "a"), Wire.Node("Relu", "a", "b"), Wire.Node("Relu", "a", "y"))));

    [Fact]
    public async Task Nodes_in_the_wrong_order_are_only_a_warning()
    {
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Relu", "a", "y"), Wire.Node("Relu", "x", "a"))));
        Assert.Equal("onnx.nodes-not-sorted", Assert.Single(inspection.Findings).Kind);
        Assert.True(inspection.FitToRun);
    }

    [Fact]
    public Task A_value_that_nothing_defines_is_refused() =>
        ShouldFind("onnx.undefined-value", Wire.Model(Wire.Graph(Wire.Node("Relu", "nowhere", "y"))));

    [Fact]
    public Task A_value_defined_twice_is_refused() =>
        ShouldFind("onnx.duplicate-name", Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y"), Wire.Node("Abs", "x", "y"))));

    [Theory]
    [InlineData(new long[] { 3 }, 8)]
    [InlineData(new long[] { 2 }, 0)]
    [InlineData(new long[] { -1 }, 8)]
    [InlineData(new long[] { 1L << 40, 1L << 40 }, 8)]
    public async Task A_tensor_must_hold_what_it_declares(long[] dims, int bytes)
    {
        var tensor = Wire.Tensor("w", 1, dims).Data(9, new byte[bytes]);
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("Add", "x", "y").Text(1, "w")).Message(5, tensor)));
        Assert.False(inspection.FitToRun);
    }

    [Fact]
    public Task A_tensor_of_rank_10000_is_not_read() =>
        ShouldFind("onnx.not-parsable", Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", 1, Enumerable.Repeat(1L, 10_000).ToArray()))));

    [Fact]
    public Task An_element_type_that_does_not_exist_is_refused() =>
        ShouldFind("onnx.unknown-element-type", Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", 999, [1]).Data(9, [0]))));

    [Fact]
    public Task Graphs_nested_too_deep_are_not_read()
    {
        var inner = Wire.Graph(Wire.Node("Relu", "x", "y"));
        for (var i = 0; i < 1000; i++) inner = Wire.Graph(Wire.Node("If", "x", "y").Message(5, new Wire().Text(1, "then_branch").Message(6, inner)));
        return ShouldFind("onnx.not-parsable", Wire.Model(inner));
    }

    [Fact]
    public Task Functions_that_multiply_are_refused()
    {
        var functions = Enumerable.Range(0, 8).Select(i => Function($"f{i}", i == 0 ? "Relu" : $"f{i - 1}", i == 0 ? "" : "local")).ToArray();
        return ShouldFind("onnx.too-many-nodes", Wire.Model(Wire.Graph(Wire.Node("f7", "x", "y", "local")), functions));

        static Wire Function(string name, string calls, string domain)
        {
            var function = new Wire().Text(1, name).Text(10, "local").Text(4, "i").Text(5, "o9").Message(9, new Wire().Int(2, 17)).Message(9, new Wire().Text(1, "local").Int(2, 1));
            for (var i = 0; i < 10; i++) function.Message(7, Wire.Node(calls, i == 0 ? "i" : $"o{i - 1}", $"o{i}", domain));
            return function;
        }
    }

    [Fact]
    public Task A_function_that_calls_itself_is_refused() => ShouldFind("onnx.too-many-nodes", Wire.Model(
        Wire.Graph(Wire.Node("f", "x", "y", "local")),
        new Wire().Text(1, "f").Text(10, "local").Text(4, "i").Text(5, "o").Message(7, Wire.Node("f", "i", "o", "local"))));

    [Fact]
    public Task A_chain_of_200000_nodes_is_not_read_to_its_end() => ShouldFind("onnx.not-parsable",
        Wire.Model(Wire.Graph(Enumerable.Range(0, 200_000).Select(i => Wire.Node("Abs", i == 0 ? "x" : $"v{i - 1}", $"v{i}")).ToArray())));

    [Fact]
    public Task A_file_without_bytes_is_a_finding() => ShouldFind("onnx.not-parsable", []);

    [Fact]
    public async Task Text_from_the_file_carries_no_control_characters()
    {
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("a\u001b[2J\u202eb", "x", "y"))));
        Assert.DoesNotContain(inspection.Findings, f => f.Message.Any(c => char.IsControl(c) || c == '\u202e'));
    }

    [Fact]
    public async Task An_inspection_survives_json()
    {
        var inspection = await Inspect(Wire.Model(Wire.Graph(Wire.Node("NoSuch", "x", "y"))));
        var json = System.Text.Json.JsonSerializer.Serialize(inspection);
        Assert.Contains("\"Severity\":\"error\"", json);
        Assert.Equal(json, System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonSerializer.Deserialize<Inspection>(json)));
    }

    private static async Task ShouldFind(string kind, byte[] file)
    {
        var inspection = await Inspect(file);
        Assert.Contains(inspection.Findings, f => f.Kind == kind && f.Severity == FindingSeverity.Error);
        Assert.False(inspection.FitToRun);
    }

    private static async Task<Inspection> Inspect(byte[] file) => (await ModelInspector.InspectAsync(
        "models/m.onnx", new MemoryStream(file),
        path => path switch { "models/short.bin" => 7, "models/sub/weights.bin" => 16, _ => null },
        InspectionLimits.Default, CancellationToken.None))!;
}
