using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>The whole platform, started once for these tests.</summary>
public sealed class RunningZoo : IAsyncLifetime
{
    /// <summary>What is started; for what the members below do not say.</summary>
    public Platform Platform { get; private set; } = null!;

    public Zoo Zoo => Platform.Zoo;
    public string Url => Platform.Url;
    public JsonElement Started => Platform.Started;
    public string AdminToken => Platform.AdminToken;

    /// <summary>Gets everything that the platform tells of itself.</summary>
    public OtlpCollector Collector { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Collector = await OtlpCollector.StartAsync();
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", Collector.Address);   // AppHost and services inherit it
        Environment.SetEnvironmentVariable("OTEL_BSP_SCHEDULE_DELAY", "500");
        Environment.SetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL", "2000");
        Platform = await Platform.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await Platform.DisposeAsync();
        await Collector.DisposeAsync();
    }

    public HttpClient Http(string? token) => Platform.Http(token);

    public string NewFolder(string name) => Platform.NewFolder(name);

    public string DataFile(params string[] parts) => Platform.DataFile(parts);

    public Task<string> NewOrganisationAsync() => Platform.NewOrganisationAsync();

    /// <summary>Process of a resource; null while it has none.</summary>
    public int? ProcessOf(string resource) => Platform.Processes()[resource];

    /// <summary>Kills a resource's process as <c>kill -9</c> does, and waits until another one is there and all is healthy.</summary>
    public async Task KillAsync(string resource)
    {
        var killed = ProcessOf(resource);
        Assert.NotNull(killed);
        Process.GetProcessById(killed.Value).Kill();
        using var http = Http(null);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(90), async () =>
        {
            var now = ProcessOf(resource);
            Assert.NotNull(now);
            Assert.NotEqual(killed, now);
            using var health = await http.GetAsync("/health");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        });
    }
}

[CollectionDefinition(Name)]
public sealed class OnARunningZoo : ICollectionFixture<RunningZoo>
{
    public const string Name = "a running zoo";
}
