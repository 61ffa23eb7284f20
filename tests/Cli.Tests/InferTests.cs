using System.Text.Json;
using ZooPlatform.Cli.Tensors;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Cli.Tests;

public sealed class InferTests : IAsyncLifetime
{
    private Tensor received = null!;
    private string asked = "";
    private string head = "";
    private (int Readings, int Refusals) slow;
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app =>
        {
            app.MapGet("/v2/models/acme/m/{**rest}", () => new
            {
                name = "acme/m", platform = "onnxruntime_onnx", versions = new[] { "1" },
                inputs = new[] { new { name = "x", datatype = "FP32", shape = new[] { -1, 2 } } },
                outputs = new[] { new { name = "y", datatype = "FP32", shape = new[] { -1, 2 } } },
            });
            app.MapPost("/v2/models/acme/m/{**rest}", async (HttpRequest request, HttpResponse response) =>
            {
                using var body = new MemoryStream();
                await request.Body.CopyToAsync(body);
                var head = int.Parse(request.Headers["Inference-Header-Content-Length"].ToString());
                ReadOnlyMemory<byte> data = body.ToArray().AsMemory(head);
                var json = JsonDocument.Parse(body.ToArray().AsMemory(0, head)).RootElement;
                Assert.True(json.GetProperty("parameters").GetProperty("binary_data_output").GetBoolean());
                (received, asked) = (OpenInferenceTensors.Read(json.GetProperty("inputs")[0], ref data), request.Path);
                byte[] answer = [.. """{"model_name":"acme/m","model_version":"c0ffee","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}"""u8];
                response.Headers["Inference-Header-Content-Length"] = $"{answer.Length}";
                return Results.Bytes([.. answer, .. Floats(0.5f, -1.25f)]);
            });
            app.MapGet("/api/v1/models/acme/slow", () => ++slow.Readings < 9
                ? Results.Problem("There is no model 'acme/slow' that you can see.", statusCode: 404, type: "urn:zoo:model.unknown")
                : Results.Ok(ShownTests.Model(head)));
            app.MapPost("/v2/models/acme/slow/infer", () => slow.Readings < 9 || ++slow.Refusals < 3
                ? Results.Json(new { error = "'acme/slow' is still being inspected" }, statusCode: 409)
                : Results.Json(new { model_name = "acme/slow", model_version = head, outputs = Array.Empty<object>() }));
            app.MapPost("/v2/models/acme/broken/infer", () => Results.Json(new { error = "input 'x' has 3 elements; try 2" }, statusCode: 400));
        });
        head = zoo.Add("acme/slow", ("model.onnx", [1]));
        terminal = new Terminal(zoo.Url);
    }

    [Theory]
    [InlineData("x=[[1.5,2]]")]
    [InlineData("""x={"datatype":"FP32","shape":[1,2],"data":[1.5,2]}""")]
    [InlineData("x=FILE.npy")]
    [InlineData("x=FILE.pb")]
    public async Task Each_form_of_an_input_arrives_as_the_same_tensor(string given)
    {
        var tensor = Tensor.Of("x", ElementType.Float32, [1, 2], Floats(1.5f, 2f));
        terminal.Write("FILE.npy", NpyFile.Write(tensor));
        // TensorProto: dims [1, 2], data_type 1, raw_data.
        terminal.Write("FILE.pb", [0x08, 1, 0x08, 2, 0x10, 1, 0x4A, 8, .. Floats(1.5f, 2f)]);

        var told = await terminal.DoAsync("infer", "acme/m", "--input", given.Replace("FILE", terminal.PathOf("FILE"), StringComparison.Ordinal));

        Assert.Equal("y FP32[1,2]: 0.5 -1.25\n", told);
        Assert.Equal("x: float32[1,2]", received.ToString());
        Assert.Equal(Floats(1.5f, 2f), received.Data.ToArray());
    }

    [Fact]
    public async Task A_revision_can_be_named_and_the_answer_is_told_as_the_protocols_json()
    {
        await terminal.DoAsync("infer", "acme/m", "--input", "x=[[1,2]]", "--revision", "v1.0", "--json");

        Assert.Equal("/v2/models/acme/m/versions/v1.0/infer", asked);
        Assert.Equal("[0.5,-1.25]", terminal.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText().Replace("\n", "").Replace(" ", ""));
        Assert.Equal("c0ffee", terminal.Json.GetProperty("model_version").GetString());
    }

    [Fact]
    public async Task Outputs_can_be_kept_as_arrays()
    {
        await terminal.DoAsync("infer", "acme/m", "--input", "x=[[1,2]]", "--output", terminal.PathOf("out"), "--json");
        Assert.Equal("acme/m", terminal.Json.GetProperty("model_name").GetString());
        var kept = NpyFile.Read("y", File.ReadAllBytes(terminal.PathOf("out/y.npy")));
        Assert.Equal([1L, 2L], kept.Shape);
        Assert.Equal(Floats(0.5f, -1.25f), kept.Data.ToArray());
    }

    [Fact]
    public async Task A_model_that_takes_long_to_be_read_is_waited_for_and_then_until_the_runner_has_heard_of_it()
    {
        await terminal.DoAsync("infer", "acme/slow", "--input", """x={"datatype":"FP32","shape":[1],"data":[1]}""");
        Assert.Equal("the zoo still reads acme/slow: waiting\n", terminal.Error.ToString());
        Assert.Equal(3, slow.Refusals);
    }

    [Fact]
    public async Task An_error_of_the_protocol_is_told()
    {
        Assert.Equal(1, await terminal.RunAsync("infer", "acme/broken", "--input", """x={"datatype":"FP32","shape":[3],"data":[1,2,3]}"""));
        Assert.Equal("error: input 'x' has 3 elements; try 2\n", terminal.Error.ToString());
    }

    [Theory]
    [InlineData("z=[1]", "the model has no input 'z'")]
    [InlineData("x=[[1,2],[3]]", "x=[[1,2],[3]]: ")]
    [InlineData("x", "'x' is no input")]
    public async Task A_wrong_input_is_wrong_usage(string given, string error)
    {
        Assert.Equal(2, await terminal.RunAsync("infer", "acme/m", "--input", given));
        Assert.StartsWith($"error: {error}", terminal.Error.ToString());
    }

    [Theory]
    [InlineData(new long[0])]
    [InlineData(new long[] { 3 })]
    [InlineData(new long[] { 2, 3, 4 })]
    public void An_npy_file_reads_back_what_was_written(long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (a, b) => a * b);
        var tensor = Tensor.Of("t", ElementType.Int64, shape, new byte[count * 8]);
        var file = NpyFile.Write(tensor);
        Assert.Equal(0, (file.Length - (count * 8)) % 64);
        Assert.Equal(shape, NpyFile.Read("t", file).Shape);
    }

    [Fact]
    public void A_file_that_numpy_wrote_is_read()
    {
        byte[] file =
        [
            0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"u8,
            .. Enumerable.Repeat((byte)' ', 60), (byte)'\n', .. Floats(1f, 2f),
        ];
        Assert.Equal(Floats(1f, 2f), NpyFile.Read("x", file).Data.ToArray());
        Assert.Throws<InvalidDataException>(() => NpyFile.Read("x", file.AsMemory(0, file.Length - 1)));
        Assert.Throws<InvalidDataException>(() => NpyFile.Read("x", file.AsMemory(0, 50)));
    }

    private static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
