using System.Diagnostics;
using Npgsql;
using Xunit.Abstractions;
using ZooPlatform.LocalOrchestrator.Processes;

namespace ZooPlatform.LocalOrchestrator.Tests;

/// <summary>PostgreSQL, Redis and Meilisearch, the real programs.</summary>
public sealed class ServerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_written_and_every_password_survive_a_stop_and_a_second_start()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path;
        var before = await RunOnceAsync(data, "create table kept (id int); insert into kept values (1)");
        var after = await RunOnceAsync(data, "insert into kept values (2)");
        Assert.Equal(before, after);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "secrets.json")));
    }

    [Fact]
    public async Task PostgreSQL_keeps_fsync_on_and_listens_on_loopback_only()
    {
        await using var platform = await TestPlatform.StartAsync(b => b.AddPostgres("postgres").AddDatabase("catalogdb"));
        await platform.HealthyAsync("catalogdb");
        var settings = await ScalarAsync(
            await platform.ConnectionStringAsync("catalogdb"),
            "select string_agg(setting, ' ' order by name) from pg_settings where name in ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit')");
        Assert.Equal("on on 127.0.0.1 on", settings);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_by_PostgreSQL()
    {
        await using var platform = await TestPlatform.StartAsync(b => b.AddPostgres("postgres").AddDatabase("catalogdb"));
        await platform.HealthyAsync("catalogdb");
        var wrong = new NpgsqlConnectionStringBuilder(await platform.ConnectionStringAsync("catalogdb")) { Password = "wrong", Pooling = false };
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(wrong.ConnectionString, "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task A_server_that_is_killed_is_started_again_on_the_same_port_with_its_data()
    {
        await using var platform = await TestPlatform.StartAsync(b => b.AddPostgres("postgres").AddDatabase("catalogdb"));
        await platform.HealthyAsync("catalogdb");
        var connection = await platform.ConnectionStringAsync("catalogdb");
        await ScalarAsync(connection, "create table kept (id int); insert into kept values (1)");

        var old = platform.File.Resources["postgres"].Pid!.Value;
        Signals.Send(old, Signal.Kill);
        await platform.NewPidAsync("postgres", old);
        await platform.HealthyAsync("postgres");

        Assert.Equal(1L, await ScalarAsync(connection, "select count(*) from kept"));
    }

    [Fact]
    public async Task A_server_given_by_address_is_used_and_none_is_started()
    {
        await using var first = await TestPlatform.StartAsync(b => b.AddRedis("redis"));
        await first.HealthyAsync("redis");
        var address = await first.ConnectionStringAsync("redis");

        await using var second = await TestPlatform.StartAsync(
            b => TestModels.AddService(b, "web").WithReference(b.AddRedis("redis")), settings: $"--ConnectionStrings:redis={address}");
        await second.HealthyAsync("redis", "web");

        Assert.Null(second.File.Resources["redis"].Pid);
        Assert.False(Directory.Exists(Path.Combine(second.Data, "redis")));
        using var http = new HttpClient { BaseAddress = second.Address("web") };
        Assert.Equal(address, await http.GetStringAsync("/variable/ConnectionStrings__redis"));
    }

    [Fact]
    public async Task A_server_whose_folder_is_deleted_under_it_starts_again_with_an_empty_one()
    {
        await using var platform = await TestPlatform.StartAsync(b => b.AddMeilisearch("meilisearch"));
        await platform.HealthyAsync("meilisearch");
        var old = platform.File.Resources["meilisearch"].Pid!.Value;
        Directory.Delete(Path.Combine(platform.Data, "meilisearch"), recursive: true);
        await platform.NewPidAsync("meilisearch", old);
        await platform.HealthyAsync("meilisearch");
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(platform.Data, "meilisearch")));
    }

    [Fact]
    public async Task A_service_that_is_to_run_more_than_once_is_refused_by_name()
    {
        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => TestPlatform.StartAsync(b => TestModels.AddService(b, "web").WithReplicas(2)));
        Assert.Contains("'web' asks for 2 replicas", refusal.Message);
    }

    [Fact]
    public async Task A_container_that_nothing_stands_in_for_is_refused_by_name()
    {
        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => TestPlatform.StartAsync(b => b.AddContainer("mail", "library/mail", "1")));
        Assert.Contains("'mail' is a container", refusal.Message);
    }

    private async Task<string> RunOnceAsync(string data, string sql)
    {
        var started = Stopwatch.GetTimestamp();
        await using var platform = await TestPlatform.StartAsync(b => TestModels.AddServers(b), data);
        await Task.WhenAll(new[] { "postgres", "catalogdb", "redis", "meilisearch" }.Select(async name =>
        {
            await platform.HealthyAsync(name);
            output.WriteLine($"{name} healthy after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
        }));
        await ScalarAsync(await platform.ConnectionStringAsync("catalogdb"), sql);
        return File.ReadAllText(Path.Combine(data, "secrets.json"));
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
