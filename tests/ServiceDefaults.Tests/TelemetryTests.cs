using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Telemetry;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.ServiceDefaults.Tests;

public sealed class TelemetryTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zoo-log-").FullName;
    private OwnerService _service = null!;

    public async Task InitializeAsync() => _service = await OwnerService.StartAsync(await (await PostgresServer.Shared).CreateDatabaseAsync());

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/things", HttpStatusCode.Unauthorized)]
    [InlineData("/nothing", HttpStatusCode.NotFound)]
    [InlineData("/break", HttpStatusCode.InternalServerError)]
    public async Task A_refusal_carries_the_trace_that_the_caller_began(string path, HttpStatusCode status)
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        foreach (var accept in new[] { "application/json", "text/html" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
            request.Headers.Add("Accept", accept);
            using var answer = await _service.As(null).SendAsync(request);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(trace, Assert.Single(answer.Headers.GetValues("X-Request-Id")));
            Assert.Equal(trace, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("traceId").GetString());
        }
    }

    [Fact]
    public async Task A_good_answer_has_an_id_too() =>
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single((await _service.As(TestTokens.Anonymous()).GetAsync("/things")).Headers.GetValues("X-Request-Id")));

    [Fact]
    public async Task Many_names_do_not_make_many_series()
    {
        var series = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.request.duration") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (series) series.Add(string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Where(tag => !tag.StartsWith("network.", StringComparison.Ordinal))));
        });
        listener.Start();
        var client = _service.As(TestTokens.Anonymous());
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), async (i, ct) => (await client.GetAsync($"/things/{i}-{Guid.CreateVersion7():N}?q={i}", ct)).Dispose());
        foreach (var method in Enumerable.Range(0, 20)) (await client.SendAsync(new HttpRequestMessage(new HttpMethod($"VERB{method}"), "/things"))).Dispose();
        listener.Dispose();
        Assert.InRange(series.Count, 1, 30);   // other tests of this process have some of their own
    }

    [Fact]
    public void A_record_is_one_json_line_whatever_is_in_it()
    {
        var hostile = $"a\r\nb\u001b[31mred\u2028\u202e{new string('x', 1 << 20)}";
        using (var file = new JsonLogFile(_folder, "test", TimeProvider.System))
        {
            var logger = file.CreateLogger("Zoo");
            for (var i = 0; i < 3; i++) Sample(logger, hostile, i);
            logger.LogError(new InvalidOperationException(hostile), "broke");
        }
        var lines = File.ReadAllLines(Path.Combine(_folder, "test.jsonl"));
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 10, 40_000));
        Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u202e'));
        var record = JsonDocument.Parse(lines[1]).RootElement;
        Assert.Equal((9001, "warning", "test", 1), (record.GetProperty("event").GetInt32(), record.GetProperty("level").GetString(), record.GetProperty("service").GetString(), record.GetProperty("fields").GetProperty("Count").GetInt32()));
        Assert.Contains("InvalidOperationException", JsonDocument.Parse(lines[3]).RootElement.GetProperty("exception").GetString());
    }

    [Fact]
    public void A_credential_that_comes_into_a_record_does_not_come_out()
    {
        using (var file = new JsonLogFile(_folder, "test", TimeProvider.System))
        {
            var logger = file.CreateLogger("Zoo");
            Sample(logger, "Bearer hf_zoop_abcDEF123456", 1);
            logger.LogError(new InvalidOperationException("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl was refused"), "broke");
        }
        var text = File.ReadAllText(Path.Combine(_folder, "test.jsonl"));
        Assert.DoesNotContain("abcDEF", text);
        Assert.DoesNotContain("c2lnbmF0dXJl", text);
        Assert.DoesNotContain("eyJzdWIi", text);
    }

    [Fact]
    public void People_read_one_line_a_record()
    {
        using var console = new StringWriter();
        new ConsoleLines().Write(
            new LogEntry<string>(LogLevel.Warning, "ZooPlatform.Artifact.Uploads", new EventId(2005), "a\r\nb\u001b[31m", null, (state, _) => state), null, console);
        Assert.Matches(@"^warning 2005 a\\u000d\\u000ab\\u001b\[31m \[Uploads\]\n$", console.ToString());
    }

    [Fact]
    public async Task Health_names_the_parts_and_says_what_is_wrong_with_them()
    {
        var health = JsonDocument.Parse(await _service.As(null).GetStringAsync("/health")).RootElement;
        Assert.Equal("Healthy", health.GetProperty("status").GetString());
        Assert.Equal("Healthy", health.GetProperty("parts").GetProperty("PostgreSql").GetProperty("status").GetString());
        Assert.Equal("Healthy", health.GetProperty("parts").GetProperty("feeds").GetProperty("status").GetString());
        using var alive = await _service.As(null).GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    private static void Sample(ILogger logger, string name, int count) => logger.Log(LogLevel.Warning, new EventId(9001, "Sample"), "{Name} came {Count} times", name, count);
}
