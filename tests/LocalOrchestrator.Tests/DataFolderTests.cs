using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Tests;

public sealed class DataFolderTests
{
    [Fact]
    public async Task A_second_start_on_the_same_data_is_refused_and_names_the_first()
    {
        await using var first = await TestPlatform.StartAsync(b => TestModels.AddService(b, "web").WithExternalHttpEndpoints());
        await first.HealthyAsync("web");
        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => TestPlatform.StartAsync(b => TestModels.AddSleeper(b), first.Data));
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message);
        Assert.Contains(first.Address("web").ToString().TrimEnd('/'), refusal.Message);
        Assert.NotNull(first.File.Resources["web"].Pid);
    }

    [Fact]
    public async Task Two_platforms_run_side_by_side_on_different_data()
    {
        await using var one = await TestPlatform.StartAsync(b => TestModels.AddService(b, "web"));
        await using var two = await TestPlatform.StartAsync(b => TestModels.AddService(b, "web"));
        await one.HealthyAsync("web");
        await two.HealthyAsync("web");
        Assert.NotEqual(one.Address("web"), two.Address("web"));
    }

    [Fact]
    public async Task A_clean_stop_leaves_no_platform_file_and_no_process()
    {
        using var folder = new TemporaryFolder();
        var platform = await TestPlatform.StartAsync(b => TestModels.AddSleeper(b), folder.Path);
        await platform.HealthyAsync("sleeper");
        var pid = platform.File.Resources["sleeper"].Pid!.Value;
        await platform.DisposeAsync();
        Assert.False(File.Exists(Path.Combine(platform.Data, "platform.json")));
        await Gone.AssertAsync([pid]);
    }

    [Fact]
    public async Task A_port_that_another_program_has_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => TestPlatform.StartAsync(b => TestModels.AddService(b, "web").WithHttpEndpoint(port: port)));
        Assert.Contains($"Port {port}", refusal.Message);
    }

    [Fact]
    public void A_full_disk_stops_nobody_who_tells_how_a_resource_is_and_what_was_told_is_written_later()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "platform.json");
        var file = new PlatformFile(path);
        file.Write(new Platform());
        File.CreateSymbolicLink(path + ".new", "/dev/full");
        var state = new PlatformResource("running", Pid: 1);
        file.Update("web", state);
        Assert.Empty(file.Read()!.Resources);
        File.Delete(path + ".new");
        file.Update("web", state);
        Assert.Equal(state, Assert.Single(file.Read()!.Resources).Value);
    }

    [Fact]
    public async Task Everything_stops_when_the_process_it_was_started_for_is_killed()
    {
        using var folder = new TemporaryFolder();
        var file = new PlatformFile(Path.Combine(folder.Path, "platform.json"));
        using var parent = Process.Start("sleep", ["300"]);
        using var appHost = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(DataFolderTests).Assembly.Location, $"--ZOO_DATA={folder.Path}", $"--ZOO_PARENT={parent.Id}"]) { RedirectStandardOutput = true })!;
        _ = appHost.StandardOutput.ReadToEndAsync();
        for (var tries = 0; tries < 300 && file.Read()?.Resources.GetValueOrDefault("sleeper")?.State != "running"; tries++)
        {
            await Task.Delay(100);
        }
        var pids = file.Read()!.Resources.Values.Select(r => r.Pid).OfType<int>().ToList();
        Assert.NotEmpty(pids);

        Signals.Send(parent.Id, Signal.Kill);

        await appHost.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await Gone.AssertAsync(pids);
    }

    [Fact]
    public async Task Every_child_ends_when_the_AppHost_is_killed_and_the_next_start_finds_all_data()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path;
        var file = new PlatformFile(Path.Combine(data, "platform.json"));
        using var appHost = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(DataFolderTests).Assembly.Location, $"--ZOO_DATA={data}"]) { RedirectStandardOutput = true })!;
        _ = appHost.StandardOutput.ReadToEndAsync();
        string[] names = ["postgres", "redis", "meilisearch", "sleeper", "catalogdb"];
        for (var tries = 0; tries < 300 && !names.All(name => file.Read()?.Resources.GetValueOrDefault(name)?.State == "running"); tries++)
        {
            await Task.Delay(100);
        }
        var pids = file.Read()!.Resources.Values.Select(r => r.Pid).OfType<int>().ToList();
        Assert.Equal(4, pids.Count);

        Signals.Send(appHost.Id, Signal.Kill);

        await using var next = await TestPlatform.StartAsync(b => TestModels.AddServers(b), data);
        await next.HealthyAsync("catalogdb", "redis", "meilisearch");
        await Gone.AssertAsync(pids);
    }

    [Fact]
    public void A_second_process_with_the_same_number_is_another_process()
    {
        using var sleep = Process.Start("sleep", "1000");
        var identity = ProcessIdentity.Of(sleep.Id);
        Assert.NotNull(identity);
        Assert.NotEqual(identity, ProcessIdentity.Of(Environment.ProcessId));
        Signals.Send(sleep.Id, Signal.Kill);
        sleep.WaitForExit();
        Assert.Null(ProcessIdentity.Of(sleep.Id));
    }

    [Theory]
    [InlineData("Host=db.example;Port=5433;Username=u;Password=p", "db.example", 5433)]
    [InlineData("Host=db.example;Username=u", "db.example", null)]
    [InlineData("cache.example:6380,password=a=b", "cache.example", 6380)]
    [InlineData("cache.example", "cache.example", null)]
    [InlineData("Endpoint=http://search.example:7701;MasterKey=k", "search.example", 7701)]
    [InlineData("http://search.example:7701", "search.example", 7701)]
    public void The_address_of_a_given_server_is_read_from_its_connection_string(string connectionString, string host, int? port) =>
        Assert.Equal((host, port), Endpoints.AddressIn(connectionString));
}
