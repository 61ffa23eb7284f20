using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

[Collection(OneBenchmark.Name)]
public sealed class InferenceTests(BenchmarkApp app)
{
    [Fact]
    public async Task The_server_tells_its_metadata_to_both_protocols()
    {
        using var answer = await app.Anonymous.GetAsync("/v2/");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("registry/2.0", Assert.Single(answer.Headers.GetValues("Docker-Distribution-API-Version")));
        Assert.Equal("""{"live":true}""", await app.Anonymous.GetStringAsync("/v2/health/live"));
        Assert.Equal("""{"ready":true}""", await app.Anonymous.GetStringAsync("/v2/health/ready"));
    }

    [Fact]
    public async Task A_model_is_loaded_on_demand_and_answers_what_its_sample_data_say()
    {
        var path = await app.ADigitsModel();
        await ShouldBeError(await app.Ada.GetAsync($"/v2/models/{path}/ready"), 404, "not loaded");

        using var answer = await app.Ada.PostAsync($"/v2/models/{path}/infer", Digits("r-1"));

        await ShouldBeDigits(answer, "r-1");
        Assert.Equal(HttpStatusCode.OK, (await app.Ada.GetAsync($"/v2/models/{path}/ready")).StatusCode);
        var metadata = await app.Ada.GetFromJsonAsync<JsonElement>($"/v2/models/{path}");
        Assert.Equal("FP32", metadata.GetProperty("inputs")[0].GetProperty("datatype").GetString());
        Assert.Equal([-1L, 1, 8, 8], metadata.GetProperty("inputs")[0].GetProperty("shape").EnumerateArray().Select(dim => dim.GetInt64()));
        var listed = await app.Ada.GetFromJsonAsync<Page<DeploymentView>>("/api/v1/deployments", ZooJson.Options);
        Assert.Equal("ready", listed!.Items.Single(deployment => deployment.Repository == path).Status);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "'inputs'")]
    [InlineData("""{"inputs":[]}""", "takes each of 'image' once")]
    [InlineData("""{"inputs":[{"name":"picture","datatype":"FP32","shape":[1],"data":[1]}]}""", "no input 'picture'")]
    [InlineData("""{"inputs":[{"name":"image","datatype":"INT64","shape":[1],"data":[1]}]}""", "does not fit")]
    [InlineData("""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,8,9223372036854775807],"data":[]}]}""", "")]
    [InlineData("""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,8,8],"data":[1,2]}]}""", "")]
    public async Task A_request_that_does_not_fit_is_answered_400(string body, string says)
    {
        var path = await SharedDigits();
        using var content = new StringContent(body);

        await ShouldBeError(await app.Ada.PostAsync($"/v2/models/{path}/infer", content), 400, says);
    }

    [Fact]
    public async Task What_a_caller_may_not_read_does_not_exist()
    {
        var path = await app.ADigitsModel();

        await ShouldBeError(await app.Stranger.PostAsync($"/v2/models/{path}/infer", Digits()), 404, "no repository");
        await ShouldBeError(await app.Stranger.GetAsync($"/v2/models/{path}"), 404, "no repository");
        await ShouldBeError(await app.Stranger.GetAsync($"/v2/models/{path}/ready"), 404, "no repository");
    }

    [Fact]
    public async Task An_anonymous_caller_must_sign_in_and_a_signed_in_reader_may_infer()
    {
        var path = await app.ADigitsModel(Visibility.Public);

        using var refused = await app.Anonymous.PostAsync($"/v2/models/{path}/infer", Digits());
        await ShouldBeError(refused, 401, "Sign in");
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        await ShouldBeDigits(await app.Stranger.PostAsync($"/v2/models/{path}/infer", Digits()));
    }

    [Fact]
    public async Task A_wrong_method_names_the_right_one()
    {
        using var answer = await app.Ada.GetAsync("/v2/models/acme/x/infer");

        await ShouldBeError(answer, 405, "POST");
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task An_inference_that_never_ends_is_stopped_and_its_worker_replaced()
    {
        var endless = await app.AHostileModel(Kits.Endless);
        static StringContent Body() => new("""{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1,2]}]}""");

        await ShouldBeError(await app.Ada.PostAsync($"/v2/models/{endless}/infer", Body()), 504, "stopped after");
        await ShouldBeError(await app.Ada.PostAsync($"/v2/models/{endless}/infer", Body()), 504, "stopped after");
        await ShouldBeDigits(await app.Ada.PostAsync($"/v2/models/{await SharedDigits()}/infer", Digits()));
    }

    [Fact]
    public async Task The_longest_unused_model_makes_room_for_another()
    {
        string[] paths = [await app.ADigitsModel(), await app.ADigitsModel(), await app.ADigitsModel()];
        foreach (var path in paths)
        {
            await ShouldBeDigits(await app.Ada.PostAsync($"/v2/models/{path}/infer", Digits()));
        }

        var listed = await app.Ada.GetFromJsonAsync<Page<DeploymentView>>("/api/v1/deployments?limit=100", ZooJson.Options);
        Assert.Equal(["stopped", "ready", "ready"], paths.Select(path => listed!.Items.First(deployment => deployment.Repository == path).Status));
    }

    [Fact]
    public async Task A_deployment_is_started_and_stopped_by_request()
    {
        var path = await app.ADigitsModel();

        using var created = await app.Ada.PostAsJsonAsync("/api/v1/deployments", new CreateDeployment(path), ZooJson.Options);
        var deployment = (await created.Content.ReadFromJsonAsync<DeploymentView>(ZooJson.Options))!;
        Assert.Equal("ready", deployment.Status);
        await BenchmarkApp.ShouldBeProblem(await app.Stranger.DeleteAsync($"/api/v1/deployments/{deployment.Id}"), 404, "deployment.unknown");
        Assert.Equal(HttpStatusCode.NoContent, (await app.Ada.DeleteAsync($"/api/v1/deployments/{deployment.Id}")).StatusCode);

        await ShouldBeError(await app.Ada.GetAsync($"/v2/models/{path}/ready"), 404, "not loaded");
    }

    [CorpusFact]
    public async Task A_model_of_several_types_answers_each_of_them()
    {
        var path = await app.AModel(new() { ["model.onnx"] = File.ReadAllBytes(SharedFolder.File("oip/models/multi_io.onnx")) });
        using var body = new StringContent("""
            {"inputs":[{"name":"a","datatype":"FP32","shape":[1,3],"data":[1,2,3]},{"name":"b","datatype":"FP32","shape":[1,3],"data":[[3,2,1]]},
            {"name":"idx","datatype":"INT64","shape":[1],"data":[9007199254740993]}],"outputs":[{"name":"idx_out"},{"name":"positive"}]}
            """);

        using var answer = await app.Ada.PostAsync($"/v2/models/{path}/infer", body);

        var outputs = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString()!);
        Assert.Equal(2, outputs.Count);
        Assert.Equal(9007199254740994, outputs["idx_out"].GetProperty("data")[0].GetInt64());
        Assert.Equal([false, false, true], outputs["positive"].GetProperty("data").EnumerateArray().Select(value => value.GetBoolean()));
    }

    private static readonly SemaphoreSlim s_once = new(1, 1);
    private static string? s_digits;

    /// <summary>One model for the tests that only ask wrongly.</summary>
    private async Task<string> SharedDigits()
    {
        await s_once.WaitAsync();
        try
        {
            return s_digits ??= await app.ADigitsModel();
        }
        finally
        {
            s_once.Release();
        }
    }

    private static StringContent Digits(string? id = null)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            if (id is not null)
            {
                writer.WriteString("id", id);
            }

            writer.WriteStartArray("inputs");
            OpenInferenceTensors.Write(writer, TensorFile.Read(Kits.Digits["test_data_set_0/input_0.pb"]).Named("image"));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return new StringContent(System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    private static async Task ShouldBeDigits(HttpResponseMessage answer, string? id = null)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        var json = JsonDocument.Parse(text).RootElement;
        if (id is not null)
        {
            Assert.Equal(id, json.GetProperty("id").GetString());
        }

        var expected = TensorFile.Read(Kits.Digits["test_data_set_0/output_0.pb"]);
        var found = OpenInferenceTensors.Read(json.GetProperty("outputs")[0]);
        Assert.True(TensorComparison.Compare(expected, found, 1e-3, 1e-4).Matches, text);
    }

    private static async Task ShouldBeError(HttpResponseMessage answer, int status, string says)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains(says, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
