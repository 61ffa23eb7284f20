using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>The binary tensor extension, and what a client may do to its connection.</summary>
[Collection(OneBenchmark.Name)]
public sealed class BinaryInferenceTests(BenchmarkApp app)
{
    private static readonly ReadOnlyMemory<byte> s_image = TensorFile.Read(Kits.Digits["test_data_set_0/input_0.pb"]).Data;

    [Fact]
    public async Task Binary_in_and_out_gives_what_the_sample_data_say_and_tells_what_it_took()
    {
        var path = await app.ADigitsModel();
        using var request = Framed($$$"""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,8,8],"parameters":{"binary_data_size":{{{s_image.Length}}}}}],"parameters":{"binary_data_output":true}}""", s_image);

        using var answer = await app.Ada.PostAsync($"/v2/models/{path}/infer", request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.ToString());
        var headers = answer.Headers.ToDictionary(header => header.Key, header => header.Value.First(), StringComparer.OrdinalIgnoreCase);
        var output = Assert.Single(RecordedExchanges.Outputs(headers, await answer.Content.ReadAsByteArrayAsync())).Value;
        Assert.True(TensorComparison.Compare(TensorFile.Read(Kits.Digits["test_data_set_0/output_0.pb"]), output, 1e-3, 1e-4).Matches);
        var timing = headers["Server-Timing"].Split(", ").ToDictionary(part => part.Split(";dur=")[0], part => double.Parse(part.Split(";dur=")[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(0 < timing["run"] && timing["run"] < timing["worker"] && timing["worker"] < timing["service"], headers["Server-Timing"]);
    }

    [Fact]
    public async Task A_body_that_is_one_raw_tensor_gets_its_shape_from_the_model()
    {
        var path = await app.ADigitsModel();
        using var two = Framed("", new byte[s_image.Length * 2]);
        using var answer = await app.Ada.PostAsync($"/v2/models/{path}/infer", two);

        var headers = answer.Headers.ToDictionary(header => header.Key, header => header.Value.First(), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(2, Assert.Single(RecordedExchanges.Outputs(headers, await answer.Content.ReadAsByteArrayAsync())).Value.Shape[0]);
        using var odd = Framed("", new byte[s_image.Length - 1]);
        await ShouldBeError(await app.Ada.PostAsync($"/v2/models/{path}/infer", odd), 400, "bytes");
    }

    [Theory]
    [InlineData(0)]     // all of it
    [InlineData(10)]    // cut off
    public async Task A_packed_body_is_unpacked_within_the_limit(int cut)
    {
        var path = await app.ADigitsModel();
        var json = $$$"""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,8,8],"parameters":{"binary_data_size":{{{s_image.Length}}}}}]}""";
        var packed = Gzip([.. Encoding.UTF8.GetBytes(json), .. s_image.Span]);
        using var request = new ByteArrayContent(packed, 0, packed.Length - cut);
        request.Headers.ContentEncoding.Add("gzip");
        request.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");

        using var answer = await app.Ada.PostAsync($"/v2/models/{path}/infer", request);

        if (cut == 0)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        else
        {
            await ShouldBeError(answer, 400, "");
        }
    }

    [Fact]
    public async Task What_unpacks_to_more_than_the_limit_is_refused()
    {
        var path = await app.ADigitsModel();
        using var request = new ByteArrayContent(Gzip(new byte[80 << 20]));
        request.Headers.ContentEncoding.Add("gzip");

        await ShouldBeError(await app.Ada.PostAsync($"/v2/models/{path}/infer", request), 413, "limit");
        using var unknown = new StringContent("{}");
        unknown.Headers.ContentEncoding.Add("snappy");
        await ShouldBeError(await app.Ada.PostAsync($"/v2/models/{path}/infer", unknown), 415, "snappy");
    }

    [Theory]
    [InlineData("10000000000", true)]
    [InlineData("73400320", false)]
    public async Task A_body_over_the_limit_is_refused_before_it_is_sent(string length, bool asksFirst)
    {
        var path = await app.ADigitsModel();
        List<(string, string)> headers = [("Host", "here"), ("Authorization", app.Ada.DefaultRequestHeaders.Authorization!.ToString()), ("Content-Length", length)];
        if (asksFirst)
        {
            headers.Add(("Expect", "100-continue"));
        }

        var answer = await RawHttp.SendAsync(app.Ada.BaseAddress!, $"POST /v2/models/{path}/infer HTTP/1.1", headers, []);

        Assert.Equal(413, answer.Status);
        Assert.Empty(answer.Interim);
        Assert.Equal("application/json", answer.Headers["Content-Type"]);
        Assert.Contains("limit", JsonDocument.Parse(answer.Body).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_infinity_is_null_in_json_and_itself_in_binary()
    {
        var path = await app.AModel(Kits.Echo);
        var bytes = new byte[8];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, float.NaN);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4), float.NegativeInfinity);
        const string head = """{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]""";

        using var asJson = Framed(head + "}", bytes);
        var text = await (await app.Ada.PostAsync($"/v2/models/{path}/infer", asJson)).Content.ReadAsStringAsync();
        Assert.Contains("\"data\":[null,null]", text, StringComparison.Ordinal);
        using var asBinary = Framed(head + ""","outputs":[{"name":"y","parameters":{"binary_data":true}}]}""", bytes);
        Assert.Equal(bytes, (await (await app.Ada.PostAsync($"/v2/models/{path}/infer", asBinary)).Content.ReadAsByteArrayAsync())[^8..]);
    }

    [Fact]
    public async Task A_large_tensor_comes_back_byte_for_byte_and_too_many_for_one_model_are_told_to_come_again()
    {
        var path = await app.AModel(Kits.Echo);
        var data = new byte[40 << 20];
        new Random(1).NextBytes(data);
        for (var i = 3; i < data.Length; i += 4)
        {
            data[i] &= 0x3f;   // no NaN: its bits need not survive a float register
        }

        using var request = Framed($$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[{{{data.Length / 4}}}],"parameters":{"binary_data_size":{{{data.Length}}}}}],"parameters":{"binary_data_output":true}}""", data);
        using var answer = await app.Ada.PostAsync($"/v2/models/{path}/infer", request);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, answer.StatusCode.ToString());
        var found = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(found.AsSpan(found.Length - data.Length).SequenceEqual(data), "bytes differ");

        var endless = await app.AHostileModel(Kits.Endless);
        var asked = Enumerable.Range(0, 20).Select(_ => app.Ada.PostAsync($"/v2/models/{endless}/infer", EndlessBody())).ToList();
        using var refused = await await Task.WhenAny(asked);
        await ShouldBeError(refused, 503, "wait for this model");
        Assert.Equal("2", refused.Headers.RetryAfter!.ToString());
        using var small = Framed($$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}""", new byte[4]);
        Assert.Equal(HttpStatusCode.OK, (await app.Ada.PostAsync($"/v2/models/{path}/infer", small)).StatusCode);   // others are served meanwhile
        Assert.All(await Task.WhenAll(asked), late => Assert.Contains((int)late.StatusCode, new[] { 503, 504 }));
    }

    [Fact]
    public async Task An_inference_that_asks_for_more_memory_than_a_worker_may_have_is_refused_and_others_are_served()
    {
        var greedy = await app.AHostileModel(Kits.Greedy);
        using var body = new StringContent("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}""");

        var asked = app.Ada.PostAsync($"/v2/models/{greedy}/infer", body);
        Assert.Equal(HttpStatusCode.OK, (await app.Ada.GetAsync($"/v2/models/{await app.AModel(Kits.Echo)}")).StatusCode);
        await ShouldBeError(await asked, 400, "model.onnx");
        Assert.Equal(HttpStatusCode.OK, (await app.Ada.GetAsync($"/v2/models/{greedy}")).StatusCode);
    }

    [Fact]
    public async Task A_cut_connection_ends_the_run()
    {
        var endless = await app.AHostileModel(Kits.Endless);
        using (var loaded = await app.Ada.PostAsync($"/v2/repository/models/{endless}/load", null))
        {
            Assert.Equal(HttpStatusCode.OK, loaded.StatusCode);
        }

        var body = await EndlessBody().ReadAsByteArrayAsync();
        using (var connection = await RawHttp.ConnectAsync(app.Ada.BaseAddress!, $"POST /v2/models/{endless}/infer HTTP/1.1",
            [("Host", "here"), ("Authorization", app.Ada.DefaultRequestHeaders.Authorization!.ToString()), ("Content-Length", $"{body.Length}")], CancellationToken.None))
        {
            await connection.GetStream().WriteAsync(body);
            await Task.Delay(300);   // it runs by now; there is nothing to poll that would not wait behind it
        }

        var cut = TimeProvider.System.GetTimestamp();
        await BenchmarkApp.UntilAsync(async () => (await app.Ada.GetAsync($"/v2/models/{endless}/ready")).StatusCode == HttpStatusCode.NotFound ? "ended" : null);
        Assert.True(TimeProvider.System.GetElapsedTime(cut) < TimeSpan.FromSeconds(3.5), "it ended by its time limit");
    }

    [Fact]
    public async Task Any_revision_can_be_asked_by_id_branch_or_tag_and_measured()
    {
        var repository = await app.AModelWithoutRun(Kits.Echo);
        var path = $"acme/{repository.Name}";
        var digits = Kits.Digits["model.onnx"];
        app.Neighbours.PutRevision(repository, "dec0de", Kits.Digits, new ModelFileState("model.onnx", Neighbours.Hash(digits), digits.Length, "onnx", true, null, []));
        app.Neighbours.PutRevision(repository, "bad", Kits.Digits, new ModelFileState("model.onnx", Neighbours.Hash(digits), digits.Length, "onnx", false, "onnx.cycle: a graph that never ends", []));
        app.Neighbours.Name(repository.Id, "v2.0", "dec0de");

        foreach (var version in new[] { "dec0de", "v2.0" })
        {
            var metadata = await app.Ada.GetFromJsonAsync<JsonElement>($"/v2/models/{path}/versions/{version}");
            Assert.Equal("image", metadata.GetProperty("inputs")[0].GetProperty("name").GetString());
            Assert.Equal("dec0de", metadata.GetProperty("versions")[0].GetString());
        }

        Assert.Equal("x", (await app.Ada.GetFromJsonAsync<JsonElement>($"/v2/models/{path}")).GetProperty("inputs")[0].GetProperty("name").GetString());
        await ShouldBeError(await app.Ada.GetAsync($"/v2/models/{path}/versions/v3.0"), 404, "v3.0");
        await ShouldBeError(await app.Ada.GetAsync($"/v2/models/{path}/versions/bad"), 409, "onnx.cycle");
        await ShouldBeError(await app.Stranger.GetAsync($"/v2/models/{path}/versions/dec0de"), 404, "no repository");

        using var asked = await app.Ada.PostAsJsonAsync("/api/v1/runs", new CreateRun(path, "v2.0", Settings: new RunSettings(WarmUp: 0, Iterations: 3)), ZooJson.Options);
        var run = await app.EndedAsync((await asked.Content.ReadFromJsonAsync<RunView>(ZooJson.Options))!.Id);
        Assert.Equal((RunStatus.Succeeded, "dec0de"), (run.Status, run.Revision));
        await BenchmarkApp.ShouldBeProblem(await app.Ada.PostAsJsonAsync("/api/v1/runs", new CreateRun(path, "gone"), ZooJson.Options), 404, "revision.unknown");
    }

    [Fact]
    public async Task A_refusal_that_is_not_of_the_protocol_looks_like_one_of_it()
    {
        using var nobody = new HttpClient { BaseAddress = app.Ada.BaseAddress };

        await ShouldBeError(await nobody.GetAsync("/v2/models/acme/x"), 401, "");
        await ShouldBeError(await app.Ada.GetAsync("/v2/nothing"), 404, "nothing");
        using var options = await app.Ada.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/v2/models/acme/x/infer"));
        Assert.Equal((HttpStatusCode.NoContent, "POST"), (options.StatusCode, Assert.Single(options.Content.Headers.Allow)));
    }

    private static StringContent EndlessBody() => new("""{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1,2]}]}""");

    private static ByteArrayContent Framed(string json, ReadOnlyMemory<byte> binary)
    {
        var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. binary.Span]);
        content.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");
        return content;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static async Task ShouldBeError(HttpResponseMessage answer, int status, string says)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains(says, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
