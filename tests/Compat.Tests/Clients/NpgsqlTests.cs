using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Compat.Tests.Clients;

public sealed class NpgsqlTests
{
    [Fact]
    public async Task A_data_source_reaches_the_database_of_its_name_and_health_says_so()
    {
        var server = await PostgresServer.Shared;
        using var host = Host(("ConnectionStrings:shopdb", await server.CreateDatabaseAsync()), builder => builder.AddNpgsqlDataSource("shopdb"));

        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1 + 1");

        Assert.Equal(2, await command.ExecuteScalarAsync());
        Assert.Equal(HealthStatus.Healthy, await HealthOf(host, "PostgreSql"));
    }

    [Fact]
    public async Task Keyed_data_sources_keep_apart()
    {
        var server = await PostgresServer.Shared;
        using var host = Host(("ConnectionStrings:a", await server.CreateDatabaseAsync() + ";Application Name=first"), builder =>
        {
            builder.AddKeyedNpgsqlDataSource("a");
            builder.AddKeyedNpgsqlDataSource("b", settings => settings.ConnectionString = "Host=127.0.0.1;Port=1;Timeout=1");
        });

        Assert.Contains("first", host.Services.GetRequiredKeyedService<NpgsqlDataSource>("a").ConnectionString);
        Assert.Equal(HealthStatus.Healthy, await HealthOf(host, "PostgreSql_a"));
        Assert.Equal(HealthStatus.Unhealthy, await HealthOf(host, "PostgreSql_b"));
    }

    [Fact]
    public void The_connection_string_wins_over_both_sections_and_the_delegate_over_all()
    {
        var builder = new HostApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Aspire:Npgsql:ConnectionString"] = "Host=general",
            ["Aspire:Npgsql:x:ConnectionString"] = "Host=named",
            ["ConnectionStrings:y"] = "Host=direct",
            ["Aspire:Npgsql:y:ConnectionString"] = "Host=named",
        });
        var seen = new List<string?>();

        foreach (var name in new[] { "w", "x", "y" })
        {
            builder.AddKeyedNpgsqlDataSource(name, settings => seen.Add(settings.ConnectionString));
        }

        Assert.Equal(["Host=general", "Host=named", "Host=direct"], seen);
    }

    [Fact]
    public void A_missing_connection_string_is_told_at_first_use_with_the_settings_that_would_help()
    {
        using var host = Host(("unrelated", "1"), builder => builder.AddNpgsqlDataSource("shopdb"));

        var missing = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<NpgsqlDataSource>());

        Assert.Contains("ConnectionStrings:shopdb", missing.Message);
        Assert.Contains("Aspire:Npgsql:shopdb", missing.Message);
    }

    private static IHost Host((string Key, string Value) setting, Action<HostApplicationBuilder> configure)
    {
        var builder = new HostApplicationBuilder();
        builder.Configuration[setting.Key] = setting.Value;
        configure(builder);
        return builder.Build();
    }

    private static async Task<HealthStatus> HealthOf(IHost host, string check) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(one => one.Name == check)).Entries[check].Status;
}
