using System.Diagnostics;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Telemetry;

/// <summary>What a collector sees of a running zoo, and what nobody sees: a credential.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class TraceTests(RunningZoo running)
{
    private const string Canary = "kanarienvogel";

    [Fact]
    public async Task One_request_is_one_trace_through_gateway_service_and_database()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var caller = ActivitySpanId.CreateRandom().ToHexString();
        using var http = running.Http(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/repositories/samples/digits-cnn");
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");
        using var answer = await http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        Assert.Equal(trace, Assert.Single(answer.Headers.GetValues("X-Request-Id")));

        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), () =>
        {
            var spans = running.Collector.Spans.Where(span => span.TraceId == trace).ToDictionary(span => span.SpanId);
            var query = spans.Values.FirstOrDefault(span => span is { Service: "artifact", Source: "Npgsql" });
            Assert.True(query is not null, string.Join(", ", spans.Values.Select(span => $"{span.Service} {span.Name}")));
            var way = new List<OtlpSpan>();
            for (var span = query; span is not null; span = spans.GetValueOrDefault(span.ParentId)) way.Add(span);
            Assert.Contains(way, span => span is { Service: "artifact", Name: "GET /api/v1/repositories/{owner}/{name}" });
            Assert.Equal("gateway", way[^1].Service);
            Assert.Equal(caller, way[^1].ParentId);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_replica_s_work_is_traced_and_metrics_and_logs_arrive()
    {
        var owner = await running.NewOrganisationAsync();
        var folder = running.NewFolder("traced");
        File.WriteAllText(Path.Combine(folder, "README.md"), "---\nlicense: mit\n---\n# Traced\n");
        await running.Zoo.JsonAsync("push", folder, $"{owner}/traced", "-m", "first", "--public");
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), () =>
        {
            var spans = running.Collector.Spans;
            Assert.Contains(spans, span => span is { Service: "catalog", Name: "apply feed of artifact" });
            Assert.Contains(spans, span => span is { Service: "catalog", Name: "read revision" });
            foreach (var metric in new[] { "http.server.request.duration", "zoo.token.swaps", "zoo.feed.changes", "zoo.feed.lag", "zoo.job.duration", "zoo.blob.io" })
                Assert.True(running.Collector.Received("/v1/metrics", metric), metric);
            Assert.True(running.Collector.Received("/v1/logs", $"{owner}/traced"));
            return Task.CompletedTask;
        });
        // Polling is no trace; what people ask of the gateway is, and other tests ask it for these.
        Assert.DoesNotContain(running.Collector.Spans, span => span.Service != "gateway" && (span.Name.EndsWith(" /health", StringComparison.Ordinal) || span.Name.Contains("/internal/changes")));
    }

    [Fact]
    public async Task Logs_are_one_json_object_a_line_whatever_names_people_send()
    {
        using var http = running.Http(running.AdminToken);
        using var answer = await http.PostAsync("/api/v1/tokens?access_token=x\r\n\u001b[31m", null);
        await http.GetAsync("/api/v1/models/a%0d%0ab%1b%5b31m/c?access_token=1");
        await Files.EventuallyAsync(TimeSpan.FromSeconds(10), () =>
        {
            var lines = LogFiles("*.jsonl").SelectMany(ReadLines).ToList();
            Assert.NotEmpty(lines);
            Assert.All(lines, line =>
            {
                Assert.DoesNotContain('\u001b', line);
                using var record = JsonDocument.Parse(line);
                foreach (var field in new[] { "time", "level", "service", "event", "message" }) Assert.True(record.RootElement.TryGetProperty(field, out _), line);
            });
            Assert.Contains(lines, line => line.Contains("\"event\":3001", StringComparison.Ordinal) && line.Contains("\"trace\":", StringComparison.Ordinal));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task No_credential_that_anybody_sends_comes_into_logs_traces_or_metrics()
    {
        var token = await People.JoinAsync(running, "canary");
        await SendCanariesAsync(token);
        using var http = running.Http(running.AdminToken);
        using var made = await http.PostAsync("/api/v1/tokens", new StringContent("""{"name":"short"}""", System.Text.Encoding.UTF8, "application/json"));
        var short_ = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("token").GetString()!;
        await Task.Delay(TimeSpan.FromSeconds(2));   // what is written behind the answers, and a metrics export

        using var secrets = JsonDocument.Parse(File.ReadAllText(running.DataFile("secrets.json")));
        var canaries = Values(secrets.RootElement).Where(value => value.Length >= 12)
            .Concat([token, short_, running.AdminToken, "drei blaue Walzer im Regen", Canary]).ToList();
        Assert.True(canaries.Count > 8, "The platform's own secrets are not where this test looks.");
        foreach (var (file, text) in LogFiles("*").Select(file => (file, string.Join('\n', ReadLines(file)))))
            foreach (var canary in canaries) Assert.False(text.Contains(canary, StringComparison.OrdinalIgnoreCase), $"{Path.GetFileName(file)} holds the secret {canary[..4]}...");
        foreach (var path in new[] { "/v1/traces", "/v1/metrics", "/v1/logs" })
            foreach (var canary in canaries) Assert.False(running.Collector.Received(path, canary), $"{path} got the secret {canary[..4]}...");
    }

    /// <summary>A secret in every place that takes one, mostly wrong ones: refusals log more than successes.</summary>
    private async Task SendCanariesAsync(string token)
    {
        using var http = running.Http(null);
        async Task SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await http.SendAsync(request);
        }
        var basic = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"user:hf_zoop_{Canary}"));
        await SendAsync(HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", $"Bearer hf_zoop_{Canary}"));
        await SendAsync(HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", $"Bearer {Canary}"));
        await SendAsync(HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", Canary));
        await SendAsync(HttpMethod.Get, "/api/v1/users/me", null, ("Cookie", $"__Host-zoo={Canary}"));
        await SendAsync(HttpMethod.Get, "/v2/", null, ("Authorization", $"Basic {basic}"));
        await SendAsync(HttpMethod.Get, $"/api/v1/models?access_token={Canary}");
        await SendAsync(HttpMethod.Get, $"/api/v1/models?access_token={token}");
        await SendAsync(HttpMethod.Get, $"/account/invitation?code={Canary}");
        await SendAsync(HttpMethod.Get, $"/account/one-time?code={Canary}");
        foreach (var path in new[] { "/account/sign-in", "/connect/token", "/connect/revocation", "/connect/introspect", "/connect/device", "/connect/authorize" })
            await SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["name"] = "admin", ["password"] = Canary, ["code"] = Canary, ["code_verifier"] = Canary, ["refresh_token"] = Canary, ["token"] = Canary,
                ["client_id"] = "zoo-cli", ["client_secret"] = Canary, ["grant_type"] = "refresh_token", ["device_code"] = Canary,
            }));
        await SendAsync(HttpMethod.Post, "/api/v1/tokens", new StringContent($$"""{"name":"{{Canary}}","secret":"{{Canary}}"}""", System.Text.Encoding.UTF8, "application/json"), ("Authorization", $"Bearer {token}"));
    }

    private string[] LogFiles(string pattern) => Directory.GetFiles(running.DataFile("logs"), pattern);

    private static IEnumerable<string> ReadLines(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (file.ReadLine() is { } line) yield return line;
    }

    private static IEnumerable<string> Values(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => Values(member.Value)),
        JsonValueKind.String => [json.GetString()!],
        _ => [],
    };
}
