using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Compat.Tests.Clients;

public sealed class RedisTests
{
    [Fact]
    public async Task A_client_that_comes_before_its_server_works_once_the_server_is_there()
    {
        var port = FreePort.Find();
        using var host = Host($"127.0.0.1:{port},password=open sesame,connectTimeout=500");
        Assert.Equal(HealthStatus.Unhealthy, await Health(host));

        using var server = Process.Start(new ProcessStartInfo("redis-server",
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--requirepass", "open sesame"])
        { RedirectStandardOutput = true })!;
        try
        {
            var patience = Stopwatch.StartNew();
            while (await Health(host) != HealthStatus.Healthy)
            {
                Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "The client never connected.");
                await Task.Delay(100);
            }

            var redis = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            await redis.StringSetAsync("word", "kit");
            Assert.Equal("kit", (string?)await redis.StringGetAsync("word"));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    [Fact]
    public void A_missing_connection_string_is_told_at_first_use_with_the_settings_that_would_help()
    {
        using var host = Host(null);

        var missing = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>());

        Assert.Contains("ConnectionStrings:cache", missing.Message);
        Assert.Contains("Aspire:StackExchange:Redis:cache", missing.Message);
    }

    private static IHost Host(string? connectionString)
    {
        var builder = new HostApplicationBuilder();
        builder.Configuration["ConnectionStrings:cache"] = connectionString;
        builder.AddRedisClient("cache");
        return builder.Build();
    }

    private static async Task<HealthStatus> Health(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["StackExchange.Redis"].Status;
}
