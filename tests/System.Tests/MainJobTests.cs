using System.Net;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>The main job, by the command line, through the gateway, on the sample kits alone: what a fresh clone can do.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class MainJobTests(RunningZoo running)
{
    private static string Sample(string kit) => Path.Combine(SharedFolder.Repository, "samples", kit);

    [Fact]
    public async Task The_samples_are_there_from_the_first_start()
    {
        foreach (var kit in Directory.EnumerateDirectories(Path.Combine(SharedFolder.Repository, "samples")))
        {
            var name = Path.GetFileName(kit);
            var pulled = running.NewFolder(name);
            await running.Zoo.JsonAsync("pull", $"samples/{name}", pulled);
            Files.ShouldBeSame(kit, pulled);
        }
    }

    [Fact]
    public async Task A_kit_goes_in_is_found_read_measured_served_and_comes_back()
    {
        var owner = await running.NewOrganisationAsync();
        var name = $"{owner}/digits-int8";
        var kit = Sample("digits-cnn-int8");

        var pushed = await running.Zoo.JsonAsync("push", kit, name, "-m", "first", "--public");
        Assert.True(pushed.GetProperty("created").GetBoolean());
        var again = await running.Zoo.JsonAsync("push", kit, name, "-m", "again");
        Assert.False(again.GetProperty("changed").GetBoolean());
        var twin = await running.Zoo.JsonAsync("push", kit, $"{owner}/twin", "-m", "same bytes");
        Assert.Equal(0, twin.GetProperty("uploadedBytes").GetInt64());

        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), async () =>
        {
            var found = await running.Zoo.JsonAsync("search", "digts int8");
            Assert.Contains(found.GetProperty("hits").EnumerateArray(), hit => $"{hit.GetProperty("owner")}/{hit.GetProperty("name")}" == name);
        });

        var shown = (await running.Zoo.JsonAsync("show", name)).GetProperty("model");
        Assert.Equal(pushed.GetProperty("revision").GetString(), shown.GetProperty("revision").GetString());
        var model = shown.GetProperty("files").EnumerateArray().Single(file => file.GetProperty("path").GetString() == "model.onnx");
        Assert.True(model.GetProperty("fit").GetBoolean());
        Assert.Equal("image", model.GetProperty("inspection").GetProperty("inputs")[0].GetProperty("name").GetString());

        var run = await running.Zoo.JsonAsync("bench", name, "--wait", "--iterations", "50");
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        var results = run.GetProperty("results");
        Assert.Equal(50, results.GetProperty("latency").GetProperty("samples").GetInt32());
        Assert.InRange(results.GetProperty("latency").GetProperty("p50Ms").GetDouble(), 1e-6, 1000);
        Assert.True(results.GetProperty("accuracy").GetProperty("passed").GetBoolean(), results.ToString());

        var answer = await running.Zoo.JsonAsync("infer", name, "--input", $"image={kit}/test_data_set_0/input_0.pb");
        var logits = answer.GetProperty("outputs")[0];
        Assert.Equal([1, 10], logits.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt32()));

        var pulled = running.NewFolder("pulled");
        await running.Zoo.JsonAsync("pull", name, pulled);
        Files.ShouldBeSame(kit, pulled);
    }

    [Fact]
    public async Task A_change_is_searchable_within_two_seconds()
    {
        var owner = await running.NewOrganisationAsync();
        var folder = running.NewFolder("quick");
        var word = $"quixotic{Guid.CreateVersion7().ToString("N")[^8..]}";
        File.WriteAllText(Path.Combine(folder, "README.md"), $"---\nlicense: mit\n---\n# The {word} model\n");
        await running.Zoo.JsonAsync("push", folder, $"{owner}/quick", "-m", "first", "--public");
        using var http = running.Http(null);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(2), async () =>
            Assert.Contains("\"total\":1", await http.GetStringAsync($"/api/v1/search?q={word}")));
    }

    [Fact]
    public async Task To_one_who_may_not_read_it_a_private_model_does_not_exist()
    {
        var owner = await running.NewOrganisationAsync();
        var word = $"hidden{Guid.CreateVersion7().ToString("N")[^10..]}";
        var folder = running.NewFolder("private");
        Files.Copy(Sample("digits-cnn-int8"), folder);
        File.WriteAllText(Path.Combine(folder, "README.md"), $"---\nlicense: mit\nzoo:\n  task: {word}\n---\n# The {word} model\n");
        await running.Zoo.JsonAsync("push", folder, $"{owner}/secret", "-m", "first");
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), async () =>
            Assert.Equal(1, (await running.Zoo.JsonAsync("search", word)).GetProperty("total").GetInt64()));

        var outsider = await People.JoinAsync(running, "outsider");
        foreach (var token in new[] { null, outsider })
        {
            using var http = running.Http(token);
            foreach (var (hidden, missing) in new[]
            {
                ($"/api/v1/repositories/{owner}/secret", $"/api/v1/repositories/{owner}/absent"),
                ($"/api/v1/repositories/{owner}/secret/files/main/model.onnx", $"/api/v1/repositories/{owner}/absent/files/main/model.onnx"),
                ($"/api/v1/models/{owner}/secret", $"/api/v1/models/{owner}/absent"),
                ($"/api/v1/runs?repository={owner}/secret", $"/api/v1/runs?repository={owner}/absent"),
                ($"/{owner}/secret", $"/{owner}/absent"),
            })
            {
                var (status, body) = await AskAsync(http, hidden);
                var (otherStatus, otherBody) = await AskAsync(http, missing);
                Assert.Equal(otherStatus, status);
                Assert.Equal(HttpStatusCode.NotFound, status);
                Assert.Equal(otherBody.Replace("absent", "secret", StringComparison.Ordinal), body);
                Assert.DoesNotContain(word, body);
            }
            var search = await http.GetStringAsync($"/api/v1/search?q={word}");
            Assert.Contains("\"total\":0", search);
            Assert.DoesNotContain(word, await http.GetStringAsync("/api/v1/search?q="));
            using var infer = await http.PostAsync($"/v2/models/{owner}/secret/infer", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"));
            Assert.True(infer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized, infer.StatusCode.ToString());
        }
    }

    [Fact]
    public async Task A_second_person_is_invited_signs_up_and_works_with_the_rights_of_their_role()
    {
        var owner = await running.NewOrganisationAsync();
        await running.Zoo.JsonAsync("push", Sample("digits-cnn"), $"{owner}/shared", "-m", "first");
        var ada = await People.JoinAsync(running, "ada", owner, "contributor");
        var zoo = running.Zoo.As(ada, running.Url);
        await zoo.JsonAsync("show", $"{owner}/shared");
        await zoo.JsonAsync("push", Sample("digits-cnn-int8"), $"{owner}/adas", "-m", "first");
        var refused = await zoo.RunAsync("repo", "delete", $"{owner}/shared", "--yes");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.StartsWith("error:", refused.Error.TrimStart());
    }

    [Fact]
    public async Task The_site_shows_search_and_the_model()
    {
        using var http = running.Http(null);
        var home = await http.GetStringAsync("/?q=digits");
        Assert.Contains("/samples/digits-cnn-int8", home);
        var model = await http.GetStringAsync("/samples/digits-cnn-int8");
        Assert.Contains("Digits CNN, int8", WebUtility.HtmlDecode(model));
        Assert.Contains("model.onnx", model);
    }

    [Fact]
    public async Task Everything_is_healthy_and_the_status_says_so()
    {
        using var http = running.Http(null);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health")).StatusCode);
        var status = await running.Zoo.JsonAsync("status");
        Assert.Equal(JsonValueKind.Object, status.ValueKind);
        var second = await running.Zoo.RunAsync("up", "--detach", "--port", "1", "--data", running.DataFile());
        Assert.Equal(1, second.ExitCode);
        Assert.Contains(running.Url, second.Error);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        // A trace id is the request's, not the thing's.
        return (answer.StatusCode, System.Text.RegularExpressions.Regex.Replace(body, "\"traceId\":\"[^\"]*\"", ""));
    }
}
